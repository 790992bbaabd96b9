import Contracts
import ServiceKit
import Storage

extension Transaction {
    /// Tells the feed that an account is new or other than before.
    func appendChanged(_ account: Account, as person: Person, at now: Timestamp) throws {
        switch account.role {
        case .youngPerson:
            try append(
                YoungPersonChanged(youngPerson: person),
                youngPersonID: account.id,
                counsellorID: account.counsellorID ?? "",
                at: now
            )
        case .counsellor, .supervisor:
            try append(
                CounsellorChanged(counsellor: person),
                counsellorID: account.id,
                at: now
            )
        }
    }
}
