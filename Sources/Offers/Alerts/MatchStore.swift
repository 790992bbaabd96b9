import Contracts
import Foundation
import RPC
import ServiceKit
import Storage

/// What the matcher reads and writes: new offers, changes of searches, and what was found.
///
/// A search's row, its change in the feed and the number up to which it was compared are written in
/// one transaction. So whenever the process ends, an offer is found once: a pass done again skips
/// the searches that were brought up to date before.
struct MatchStore: Sendable {
    let database: Database

    /// A search that changed since the index last looked.
    struct ChangedSearch: Sendable {
        let id: UUID
        let revision: Int64
        let compared: Int64
        /// `nil` if it was deleted.
        let search: NamedSearch?
    }

    /// An offer that came, with its number.
    struct Arrival: Sendable {
        let number: Int64
        let offer: Offer
    }

    /// What one search found in a pass.
    struct Found: Sendable {
        let id: UUID
        /// Up to which number it had been compared when it was matched.
        let compared: Int64
        let count: Int
        /// The last of them, at most `AlertLimits.foundKept`.
        let offerIDs: [String]
    }

    func state() async throws -> AlertState {
        try await database.read { try AlertState.read(in: $0) }
    }

    /// The next searches that changed after a revision, in the order of their changes.
    func changedSearches(after revision: Int64) async throws -> [ChangedSearch] {
        try await database.read { reader in
            try reader.rows(
                """
                SELECT id, revision, compared, deleted, search FROM saved_search
                WHERE revision > ? ORDER BY revision LIMIT ?
                """,
                [.integer(revision), SQLValue(AlertLimits.searchesPerRead)]
            ).compactMap { row in
                // Ids are checked before they are stored.
                guard let id = UUID(uuidString: try row.text("id")) else { return nil }
                return ChangedSearch(
                    id: id,
                    revision: try row.int("revision"),
                    compared: try row.int("compared"),
                    search: try row.bool("deleted")
                        ? nil : try NamedSearch(serializedBytes: row.blob("search"))
                )
            }
        }
    }

    /// The next new offers with numbers in a range, those closed meanwhile left out.
    func arrivals(after: Int64, through end: Int64) async throws -> [Arrival] {
        let rows = try await database.read { reader in
            try reader.rows(
                """
                SELECT a.number AS number, o.detail AS detail
                FROM offer_arrival a JOIN offer o ON o.id = a.offer_id
                WHERE a.number > ? AND a.number <= ? AND o.closed = 0
                ORDER BY a.number LIMIT ?
                """,
                [.integer(after), .integer(end), SQLValue(AlertLimits.arrivalsPerRead)]
            )
        }
        return try rows.map { row in
            Arrival(
                number: try row.int("number"),
                offer: try Offer(serializedBytes: row.blob("detail"))
            )
        }
    }

    /// Brings searches up to date with what they found among the new offers up to `end`.
    ///
    /// A search that was changed, deleted or brought up to date since it was matched is left alone.
    func write(_ found: [Found], through end: Int64, at now: Timestamp) async throws {
        try await database.write { transaction in
            for one in found { try Self.write(one, through: end, at: now, in: transaction) }
        }
    }

    /// Says that the new offers up to `end` were compared with all searches.
    ///
    /// What was deleted up to `revision`, the last change of a search that the index has, is no
    /// longer needed.
    func finish(through end: Int64, revision: Int64) async throws {
        try await database.write { transaction in
            try transaction.execute(
                "UPDATE alert_state SET compared = ? WHERE id = 1",
                [.integer(end)]
            )
            try transaction.execute(
                "DELETE FROM offer_arrival WHERE number <= ?",
                [.integer(end)]
            )
            try transaction.execute(
                "DELETE FROM saved_search WHERE deleted = 1 AND revision <= ?",
                [.integer(revision)]
            )
        }
    }

    private static func write(
        _ found: Found,
        through end: Int64,
        at now: Timestamp,
        in transaction: Transaction
    ) throws {
        let id = found.id.uuidString.lowercased()
        let row = try transaction.row(
            """
            SELECT young_person_id, search, compared, latest FROM saved_search
            WHERE id = ? AND deleted = 0
            """,
            [.text(id)]
        )
        guard let row, try row.int("compared") == found.compared else { return }
        var latest = try FoundList(serializedBytes: row.blob("latest"))
        latest.marks += found.offerIDs.map { FoundMark(offerID: $0, foundMs: now.milliseconds) }
        latest.marks.removeFirst(max(0, latest.marks.count - AlertLimits.foundKept))
        try transaction.execute(
            """
            UPDATE saved_search SET compared = ?, found = found + ?, found_ms = ?, latest = ?
            WHERE id = ?
            """,
            [
                .integer(end), SQLValue(found.count), SQLValue(now),
                .blob(try latest.serializedBytes()), .text(id),
            ]
        )
        let personID = try row.text("young_person_id")
        try transaction.append(
            OffersFound(
                searchID: id,
                youngPersonID: personID,
                name: try NamedSearch(serializedBytes: row.blob("search")).name,
                count: UInt32(clamping: found.count),
                offerIds: found.offerIDs
            ),
            youngPersonID: personID,
            at: now
        )
    }
}
