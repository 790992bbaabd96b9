import Contracts

/// What a file asks for, compared with what is stored.
struct ImportPlan: Sendable {
    /// One line's outcome.
    struct Entry<Value: Sendable & Equatable>: Sendable {
        let line: Int
        let value: Value
        /// What the value replaces; `nil` if it is new.
        let stored: Value?

        var isSame: Bool { value == stored }
    }

    /// In the file's order.
    var structures: [Entry<Structure>] = []
    /// Counsellors before young people, who refer to them; each in the file's order.
    var accounts: [Entry<Account>] = []
    /// Every structure that an account of the plan belongs to, as it will be.
    var structuresByID: [String: Structure] = [:]

    /// How many of each.
    var counts: ImportPeopleResponse {
        var counts = ImportPeopleResponse()
        func count(isNew: Bool, isSame: Bool) {
            if isNew {
                counts.created += 1
            } else if isSame {
                counts.same += 1
            } else {
                counts.changed += 1
            }
        }
        for entry in structures { count(isNew: entry.stored == nil, isSame: entry.isSame) }
        for entry in accounts { count(isNew: entry.stored == nil, isSame: entry.isSame) }
        return counts
    }
}
