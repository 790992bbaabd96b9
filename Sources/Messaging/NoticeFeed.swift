import Contracts
import RPC
import Storage

/// The feed of another service from which notices are made.
struct NoticeFeed: Sendable {
    /// The service's name.
    let source: String
    /// The only changes wanted.
    let kinds: [String]
    private let draft: @Sendable (Change, Timestamp) throws -> NoticeDraft?

    /// Appointments and their reminders.
    static let agenda = NoticeFeed(
        source: "agenda",
        kinds: [
            AppointmentBooked.fullName, AppointmentMoved.fullName, AppointmentCancelled.fullName,
            ReminderDue.fullName,
        ],
        draft: { try NoticeDraft(agenda: $0, at: $1) }
    )

    /// What counsellors give to do.
    static let actions = NoticeFeed(
        source: "actions",
        kinds: [ActionAssigned.fullName],
        draft: { change, _ in try NoticeDraft(actions: change) }
    )

    /// All of them; the notices of messages are written where the messages are stored.
    static let all = [agenda, actions]

    /// Makes of a change the notice it calls for, if any, in the transaction that moves the
    /// position in the feed.
    func apply(_ change: Change, at now: Timestamp, in transaction: Transaction) throws {
        guard let draft = try draft(change, now) else { return }
        try NoticeStore.add(draft, at: now, in: transaction)
    }
}
