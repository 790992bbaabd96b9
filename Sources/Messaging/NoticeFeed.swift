import Contracts
import RPC
import ServiceKit
import Storage

/// The feed of another service from which notices are made.
struct NoticeFeed: Sendable {
    /// The service's name.
    let source: String
    /// The only changes wanted.
    let kinds: [String]
    private let bringIn: @Sendable (Change, Timestamp, Transaction) throws -> Void

    /// Appointments and their reminders.
    static let agenda = NoticeFeed(
        source: "agenda",
        kinds: [
            AppointmentBooked.fullName, AppointmentMoved.fullName, AppointmentCancelled.fullName,
            ReminderDue.fullName,
        ],
        bringIn: { change, now, transaction in
            guard let draft = try NoticeDraft(agenda: change, at: now) else { return }
            try NoticeStore.add(draft, at: now, in: transaction)
        }
    )

    /// What counsellors give to do.
    static let actions = NoticeFeed(
        source: "actions",
        kinds: [ActionAssigned.fullName],
        bringIn: { change, now, transaction in
            guard let draft = try NoticeDraft(actions: change) else { return }
            try NoticeStore.add(draft, at: now, in: transaction)
        }
    )

    /// What saved searches found, what counsellors suggest, and links that were followed.
    static let offers = NoticeFeed(
        source: OffersNotices.source,
        kinds: OffersNotices.kinds,
        bringIn: OffersNotices.apply
    )

    /// All of them; the notices of messages are written where the messages are stored.
    static let all = [agenda, actions, offers]

    /// Makes of a change the notice it calls for, if any, now or later, in the transaction that
    /// moves the position in the feed.
    func apply(_ change: Change, at now: Timestamp, in transaction: Transaction) throws {
        try bringIn(change, now, transaction)
    }
}
