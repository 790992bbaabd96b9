import Contracts
import RPC
import ServiceKit
import Storage

/// The only reader and writer of the `favourite` table.
struct FavouriteStore: Sendable {
    let database: Database

    /// Saves an offer, unless it is saved already, and tells the feed.
    ///
    /// - Throws: `OffersError.unknownOffer`, `OffersError.tooManyFavourites`, PERMISSION_DENIED.
    func add(
        _ offerID: String,
        for caller: Caller,
        _ personID: String,
        at now: Timestamp
    ) async throws
        -> Favourite
    {
        try await database.write { transaction in
            let member = try Caseload.member(personID, for: caller, in: transaction)
            return try Self.add(offerID, of: member, at: now, in: transaction)
        }
    }

    /// Forgets a saved offer, if it is saved, and tells the feed.
    func remove(
        _ offerID: String,
        for caller: Caller,
        _ personID: String,
        at now: Timestamp
    ) async throws {
        try await database.write { transaction in
            let member = try Caseload.member(personID, for: caller, in: transaction)
            try Self.remove(offerID, of: member, at: now, in: transaction)
        }
    }

    /// A page of saved offers, latest first.
    func list(
        _ personID: String,
        for caller: Caller,
        after: PagePosition?,
        limit: Int
    ) async throws -> [Favourite] {
        try await database.read { reader in
            let member = try Caseload.member(personID, for: caller, in: reader)
            guard try Sharing.isOpen(member, to: caller, in: reader) else { return [] }
            let start = after ?? .latest
            return try reader.rows(
                """
                SELECT f.saved_ms AS saved_ms, o.detail AS detail
                FROM favourite f JOIN offer o ON o.id = f.offer_id
                WHERE f.young_person_id = ? AND (f.saved_ms, f.offer_id) < (?, ?)
                ORDER BY f.saved_ms DESC, f.offer_id DESC LIMIT ?
                """,
                [.text(personID), .integer(start.ms), .text(start.id), SQLValue(limit)]
            ).map { row in
                Favourite(
                    offer: try Offer(serializedBytes: row.blob("detail")).summary,
                    savedMs: try row.int("saved_ms")
                )
            }
        }
    }

    /// Saves an offer, unless it is saved already, and tells the feed; it is then a step of the
    /// pursuit, too.
    ///
    /// - Throws: `OffersError.unknownOffer`, `OffersError.tooManyFavourites`.
    static func add(
        _ offerID: String,
        of member: Caseload.Member,
        at now: Timestamp,
        in transaction: Transaction
    ) throws -> Favourite {
        let personID = member.youngPersonID
        guard let found = try OfferStore.find(offerID, in: transaction) else {
            throw OffersError.unknownOffer
        }
        if let saved = try savedMs(offerID, personID, in: transaction) {
            return Favourite(offer: found.offer.summary, savedMs: saved)
        }
        let count = try transaction.row(
            "SELECT COUNT(*) AS count FROM favourite WHERE young_person_id = ?",
            [.text(personID)]
        )?.int("count")
        guard count ?? 0 < OfferLimits.favouritesMax else { throw OffersError.tooManyFavourites }
        try transaction.execute(
            "INSERT INTO favourite (young_person_id, offer_id, saved_ms) VALUES (?, ?, ?)",
            [.text(personID), .text(offerID), SQLValue(now)]
        )
        let favourite = Favourite(offer: found.offer.summary, savedMs: now.milliseconds)
        try transaction.append(
            FavouriteAdded(favourite: favourite),
            youngPersonID: personID,
            counsellorID: try Sharing.counsellor(of: member, in: transaction),
            at: now
        )
        let today = try member.today(now)
        try PursuitStore.change(offerID, of: member, at: now, in: transaction) {
            $0[.offerSaved] = today
        }
        return favourite
    }

    /// Forgets a saved offer, if it is saved, and tells the feed; the step of the pursuit is taken
    /// back, too.
    static func remove(
        _ offerID: String,
        of member: Caseload.Member,
        at now: Timestamp,
        in transaction: Transaction
    ) throws {
        let removed = try transaction.execute(
            "DELETE FROM favourite WHERE young_person_id = ? AND offer_id = ?",
            [.text(member.youngPersonID), .text(offerID)]
        )
        guard removed > 0 else { return }
        try transaction.append(
            FavouriteRemoved(offerID: offerID),
            youngPersonID: member.youngPersonID,
            counsellorID: try Sharing.counsellor(of: member, in: transaction),
            at: now
        )
        try PursuitStore.change(offerID, of: member, at: now, in: transaction) {
            $0[.offerSaved] = nil
        }
    }

    private static func savedMs(
        _ offerID: String,
        _ personID: String,
        in queries: some Queries
    ) throws -> Int64? {
        try queries.row(
            "SELECT saved_ms FROM favourite WHERE young_person_id = ? AND offer_id = ?",
            [.text(personID), .text(offerID)]
        )?.int("saved_ms")
    }
}
