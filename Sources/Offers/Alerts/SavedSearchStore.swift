import Contracts
import RPC
import ServiceKit
import Storage

/// What people do with the `saved_search` table; `MatchStore` writes there what was found.
struct SavedSearchStore: Sendable {
    let database: Database

    /// A search as it is stored.
    struct Stored: Sendable {
        var search: SavedSearch
        var latest: FoundList
    }

    /// Keeps a search, or answers the one stored under the same id.
    ///
    /// - Throws: `AlertsError`; PERMISSION_DENIED.
    func save(
        _ draft: SearchDraft,
        id: String,
        for caller: Caller,
        _ personID: String,
        at now: Timestamp
    ) async throws -> SavedSearch {
        try await database.write { transaction in
            _ = try Caseload.member(personID, for: caller, in: transaction)
            if let stored = try Self.find(id, in: transaction)?.search {
                guard stored.youngPersonID == personID, stored.search == draft.search else {
                    throw AlertsError.searchExists
                }
                return stored
            }
            return try Self.insert(draft.search, id: id, of: personID, at: now, in: transaction)
        }
    }

    /// Gives a search another name and other criteria; with other criteria it begins anew.
    ///
    /// - Throws: `AlertsError.unknownSearch`; PERMISSION_DENIED.
    func change(
        _ id: String,
        to draft: SearchDraft,
        for caller: Caller,
        _ personID: String,
        at now: Timestamp
    ) async throws -> SavedSearch {
        try await database.write { transaction in
            _ = try Caseload.member(personID, for: caller, in: transaction)
            guard var stored = try Self.find(id, in: transaction),
                stored.search.youngPersonID == personID
            else { throw AlertsError.unknownSearch }
            guard stored.search.search != draft.search else { return stored.search }
            let isOther = stored.search.search?.criteria != draft.search.criteria
            stored.search.search = draft.search
            if isOther {
                stored.search.found = 0
                stored.search.foundMs = 0
                stored.latest = FoundList()
            }
            let state = try AlertState.next(in: transaction)
            try transaction.execute(
                """
                UPDATE saved_search SET search = ?, revision = ?, found = ?, found_ms = ?,
                    latest = ?, compared = CASE WHEN ? = 1 THEN ? ELSE compared END
                WHERE id = ?
                """,
                [
                    .blob(try draft.search.serializedBytes()), .integer(state.revision),
                    SQLValue(stored.search.found), .integer(stored.search.foundMs),
                    .blob(try stored.latest.serializedBytes()), SQLValue(isOther),
                    .integer(state.arrivals), .text(id),
                ]
            )
            try Self.tell(stored.search, at: now, in: transaction)
            return stored.search
        }
    }

    /// Forgets a search, if it is there, and tells the feed.
    func delete(
        _ id: String,
        for caller: Caller,
        _ personID: String,
        at now: Timestamp
    ) async throws {
        try await database.write { transaction in
            _ = try Caseload.member(personID, for: caller, in: transaction)
            guard let stored = try Self.find(id, in: transaction),
                stored.search.youngPersonID == personID
            else { return }
            let state = try AlertState.next(addingSearches: -1, in: transaction)
            try transaction.execute(
                "UPDATE saved_search SET deleted = 1, revision = ?, latest = ? WHERE id = ?",
                [.integer(state.revision), .blob([]), .text(id)]
            )
            try transaction.append(SearchDeleted(searchID: id), youngPersonID: personID, at: now)
        }
    }

    /// A person's searches, oldest first; none to a counsellor with whom they do not share.
    func list(_ personID: String, for caller: Caller) async throws -> [SavedSearch] {
        try await database.read { reader in
            let member = try Caseload.member(personID, for: caller, in: reader)
            guard try Sharing.isOpen(member, to: caller, in: reader) else { return [] }
            return try reader.rows(
                """
                \(Self.select) WHERE young_person_id = ? AND deleted = 0
                ORDER BY saved_ms, id LIMIT ?
                """,
                [.text(personID), SQLValue(AlertLimits.searchesPerPersonMax)]
            ).map { try Self.stored($0).search }
        }
    }

    /// The offers that a search found last, latest first.
    ///
    /// - Throws: `AlertsError.unknownSearch` for another's alike.
    func found(_ id: String, _ personID: String) async throws -> [FoundOffer] {
        try await database.read { reader in
            guard let stored = try Self.find(id, in: reader),
                stored.search.youngPersonID == personID
            else { throw AlertsError.unknownSearch }
            return try stored.latest.marks.reversed().compactMap { mark in
                guard let found = try OfferStore.find(mark.offerID, in: reader) else { return nil }
                return FoundOffer(offer: found.offer.summary, foundMs: mark.foundMs)
            }
        }
    }
}

extension SavedSearchStore {
    /// Stores a search that is not there yet, and tells the feed.
    ///
    /// It finds offers that come after it.
    ///
    /// - Throws: `AlertsError.tooManySearches`, `AlertsError.noRoomForSearches`.
    static func insert(
        _ search: NamedSearch,
        id: String,
        of personID: String,
        at now: Timestamp,
        in transaction: Transaction
    ) throws -> SavedSearch {
        let count = try transaction.row(
            "SELECT COUNT(*) AS count FROM saved_search WHERE young_person_id = ? AND deleted = 0",
            [.text(personID)]
        )?.int("count")
        guard count ?? 0 < AlertLimits.searchesPerPersonMax else {
            throw AlertsError.tooManySearches
        }
        let state = try AlertState.next(addingSearches: 1, in: transaction)
        guard state.searches <= AlertLimits.searchesMax else {
            throw AlertsError.noRoomForSearches
        }
        // A deleted search may still hold the id.
        try transaction.execute(
            """
            INSERT INTO saved_search (id, young_person_id, search, saved_ms, revision, deleted,
                compared, found, found_ms, latest)
            VALUES (?, ?, ?, ?, ?, 0, ?, 0, 0, ?)
            ON CONFLICT (id) DO UPDATE SET young_person_id = excluded.young_person_id,
                search = excluded.search, saved_ms = excluded.saved_ms,
                revision = excluded.revision, deleted = 0, compared = excluded.compared,
                found = 0, found_ms = 0, latest = excluded.latest
            """,
            [
                .text(id), .text(personID), .blob(try search.serializedBytes()), SQLValue(now),
                .integer(state.revision), .integer(state.arrivals), .blob([]),
            ]
        )
        let saved = SavedSearch(
            id: id,
            youngPersonID: personID,
            search: search,
            savedMs: now.milliseconds
        )
        try tell(saved, at: now, in: transaction)
        return saved
    }

    /// The search of an id, unless there is none or it was deleted.
    static func find(_ id: String, in queries: some Queries) throws -> Stored? {
        try queries.row("\(select) WHERE id = ? AND deleted = 0", [.text(id)]).map(stored)
    }

    private static let select = """
        SELECT id, young_person_id, search, saved_ms, found, found_ms, latest FROM saved_search
        """

    private static func stored(_ row: Row) throws -> Stored {
        Stored(
            search: SavedSearch(
                id: try row.text("id"),
                youngPersonID: try row.text("young_person_id"),
                search: try NamedSearch(serializedBytes: row.blob("search")),
                savedMs: try row.int("saved_ms"),
                found: try row.uint("found"),
                foundMs: try row.int("found_ms")
            ),
            latest: try FoundList(serializedBytes: row.blob("latest"))
        )
    }

    /// Tells the young person's own devices; what somebody looks for is not told to others.
    private static func tell(
        _ search: SavedSearch,
        at now: Timestamp,
        in transaction: Transaction
    ) throws {
        try transaction.append(
            SearchSaved(search: search),
            youngPersonID: search.youngPersonID,
            at: now
        )
    }
}
