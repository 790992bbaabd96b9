/// What was acknowledged and what is there, compared: finds loss, doubling and gaps.
struct MessageHistory {
    struct Entry: Equatable, Sendable {
        let id: String
        let sequence: UInt64
        let text: String
    }

    /// What is wrong.
    enum Fault: Equatable {
        /// Acknowledged but not there.
        case lost(String)
        /// There more than once.
        case doubled(String)
        /// A position that nothing holds, or that two hold.
        case gap(UInt64)
        /// There, but not as acknowledged.
        case changed(String)
        /// There, though nobody sent it.
        case invented(String)
    }

    /// Texts by id of everything that was ever sent, acknowledged or not.
    let sent: [String: String]
    /// What the service said it had stored.
    let acknowledged: [Entry]

    /// Compares with what a listing holds, in any order.
    func faults(in listed: [Entry]) -> [Fault] {
        var faults: [Fault] = []
        let byID = Dictionary(grouping: listed, by: \.id)
        for (id, entries) in byID.sorted(by: { $0.key < $1.key }) where entries.count > 1 {
            faults.append(.doubled(id))
        }
        for entry in acknowledged {
            guard let stored = byID[entry.id]?.first else {
                faults.append(.lost(entry.id))
                continue
            }
            if stored != entry { faults.append(.changed(entry.id)) }
        }
        for entry in listed where sent[entry.id] != entry.text {
            faults.append(.invented(entry.id))
        }
        let sequences = listed.map(\.sequence).sorted()
        for (index, sequence) in sequences.enumerated() where sequence != UInt64(index + 1) {
            faults.append(.gap(UInt64(index + 1)))
            break
        }
        return faults
    }
}
