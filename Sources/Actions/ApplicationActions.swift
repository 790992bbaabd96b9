import Contracts
import RPC
import ServiceKit
import Storage

/// Makes an action done of each application that offers' feed tells, so that its hours count.
///
/// The only reader and writer of the `application_action` table, whose key admits one action for
/// each young person and offer, however often the feed is read.
struct ApplicationActions: Sendable {
    let ids: IDGenerator
    let now: @Sendable () -> Timestamp

    /// The service whose feed it is.
    static let source = "offers"
    /// The only changes wanted.
    static let kinds = [ApplicationMade.fullName]

    /// Brings one change in, in the transaction that moves the position in the feed.
    ///
    /// - Throws: if the change's body is not the message that its kind names.
    func apply(_ change: Change, in transaction: Transaction) throws {
        let application = try ApplicationMade(serializedBytes: change.body)
        let personID = application.youngPersonID
        guard change.kind == ApplicationMade.fullName, !personID.isEmpty,
            let day = LocalDay(application.date), let entry = Self.entry(application.kind)
        else { return }
        let isKnown = try transaction.exists(
            "SELECT 1 FROM application_action WHERE young_person_id = ? AND offer_id = ?",
            [.text(personID), .text(application.offerID)]
        )
        guard !isKnown else { return }
        let now = now()
        let row = ActionRow(
            id: ids.next(at: now),
            youngPersonID: personID,
            creatorID: personID,
            isAssigned: false,
            draft: ActionDraft(
                catalogueID: entry.id,
                content: entry.title,
                description: String(application.title.prefix(Limits.textCharactersMax)),
                category: entry.category,
                dueDate: nil,
                estimatedMinutes: entry.defaultMinutes
            ),
            doneMinutes: entry.defaultMinutes,
            progress: Progress(status: .done),
            created: Timestamp(milliseconds: change.timeMs),
            updated: now
        )
        try ActionStore.insert(row, in: transaction)
        try transaction.execute(
            """
            INSERT INTO application_action (young_person_id, offer_id, action_id) VALUES (?, ?, ?)
            """,
            [.text(personID), .text(application.offerID), .text(row.id)]
        )
        try WorkDays.record(row, from: 0, on: day, in: transaction)
        try transaction.append(
            ActionAdded(action: row.message(day)),
            youngPersonID: personID,
            counsellorID: try Caseload.find(personID, in: transaction)?.counsellorID ?? "",
            at: now
        )
    }

    /// What the catalogue calls it.
    private static func entry(_ kind: OfferKind) -> CatalogueEntry? {
        Catalogue.entry(kind == .immersion ? "contacter-employeur-immersion" : "repondre-offre")
    }
}
