import Contracts
import RPC
import ServiceKit
import Storage

/// The only reader and writer of the `suggestion` table.
struct SuggestionStore: Sendable {
    let database: Database

    /// What is suggested, checked.
    enum Content: Sendable, Equatable {
        case offer(String)
        case search(NamedSearch)
    }

    /// Whom it is suggested to, and the id it will have; named for errors.
    struct Target: Sendable {
        let id: String
        let youngPersonID: String
        let field: String
    }

    /// Stores one suggestion for each target, or answers those already stored under the same ids.
    ///
    /// All or none: check, rows and feed share one transaction.
    ///
    /// - Throws: `OffersError.unknownOffer`; `AlertsError`; PERMISSION_DENIED.
    func suggest(
        _ content: Content,
        to targets: [Target],
        by caller: Caller,
        _ counsellorID: String,
        at now: Timestamp
    ) async throws -> [Suggestion] {
        try await database.write { transaction in
            if case .offer(let id) = content {
                guard try OfferStore.find(id, in: transaction) != nil else {
                    throw OffersError.unknownOffer
                }
            }
            return try targets.map { target in
                let member = try Caseload.member(
                    target.youngPersonID,
                    for: caller,
                    in: transaction
                )
                if let stored = try Self.find(target.id, in: transaction) {
                    guard stored.youngPersonID == target.youngPersonID,
                        stored.counsellorID == counsellorID, stored.content == content
                    else { throw AlertsError.suggestionExists(field: "\(target.field).id") }
                    return stored
                }
                try Self.insert(content, target, counsellorID, at: now, in: transaction)
                let stored = try Self.find(target.id, in: transaction)
                guard let stored else { throw AlertsError.unknownSuggestion }
                try transaction.append(
                    SuggestionMade(suggestion: stored),
                    youngPersonID: target.youngPersonID,
                    counsellorID: member.counsellorID,
                    at: now
                )
                return stored
            }
        }
    }

    /// Keeps a young person's answer; what they take up is theirs from then on.
    ///
    /// - Throws: `AlertsError`; `OffersError.tooManyFavourites`; PERMISSION_DENIED.
    func answer(
        _ id: String,
        isAccepted: Bool,
        by caller: Caller,
        _ personID: String,
        at now: Timestamp
    ) async throws -> Suggestion {
        try await database.write { transaction in
            guard var suggestion = try Self.find(id, in: transaction),
                suggestion.youngPersonID == personID
            else { throw AlertsError.unknownSuggestion }
            let member = try Caseload.member(personID, for: caller, in: transaction)
            let state: SuggestionState = isAccepted ? .suggestionAccepted : .suggestionDeclined
            guard suggestion.state == .suggestionWaiting else {
                guard suggestion.state == state else { throw AlertsError.suggestionAnswered }
                return suggestion
            }
            if isAccepted { try Self.takeUp(suggestion, member, at: now, in: transaction) }
            suggestion.state = state
            suggestion.answeredMs = now.milliseconds
            try transaction.execute(
                "UPDATE suggestion SET state = ?, answered_ms = ? WHERE id = ?",
                [SQLValue(state.rawValue), SQLValue(now), .text(id)]
            )
            try transaction.append(
                SuggestionAnswered(suggestion: suggestion),
                youngPersonID: personID,
                counsellorID: member.counsellorID,
                at: now
            )
            return suggestion
        }
    }

    /// A page of what was suggested to a young person, latest first.
    func list(
        _ personID: String,
        _ states: [SuggestionState],
        for caller: Caller,
        after: PagePosition?,
        limit: Int
    ) async throws -> [Suggestion] {
        try await database.read { reader in
            _ = try Caseload.member(personID, for: caller, in: reader)
            let start = after ?? .latest
            // One bit for each state keeps the statement's text the same.
            let wanted = states.isEmpty ? 0b1110 : states.reduce(0) { $0 | 1 << $1.rawValue }
            return try reader.rows(
                """
                \(Self.select)
                WHERE s.young_person_id = ? AND (s.suggested_ms, s.id) < (?, ?)
                    AND (? >> s.state) & 1 = 1
                ORDER BY s.suggested_ms DESC, s.id DESC LIMIT ?
                """,
                [
                    .text(personID), .integer(start.ms), .text(start.id),
                    .integer(Int64(wanted)), SQLValue(limit),
                ]
            ).map(Self.suggestion)
        }
    }

    /// Makes an accepted search a saved one under the suggestion's id, an accepted offer a favourite.
    private static func takeUp(
        _ suggestion: Suggestion,
        _ member: Caseload.Member,
        at now: Timestamp,
        in transaction: Transaction
    ) throws {
        switch suggestion.content {
        case .offer(let id):
            _ = try FavouriteStore.add(id, of: member, at: now, in: transaction)
        case .search(let search):
            let isTaken = try SavedSearchStore.find(suggestion.id, in: transaction) != nil
            guard !isTaken else { throw AlertsError.searchExists }
            _ = try SavedSearchStore.insert(
                search,
                id: suggestion.id,
                of: member.youngPersonID,
                at: now,
                in: transaction
            )
        }
    }

    private static func insert(
        _ content: Content,
        _ target: Target,
        _ counsellorID: String,
        at now: Timestamp,
        in transaction: Transaction
    ) throws {
        let waiting = try transaction.row(
            "SELECT COUNT(*) AS count FROM suggestion WHERE young_person_id = ? AND state = 1",
            [.text(target.youngPersonID)]
        )?.int("count")
        guard waiting ?? 0 < AlertLimits.suggestionsWaitingMax else {
            throw AlertsError.tooManySuggestions(field: "\(target.field).young_person_id")
        }
        var offerID: String?
        var search: [UInt8]?
        switch content {
        case .offer(let id): offerID = id
        case .search(let named): search = try named.serializedBytes()
        }
        try transaction.execute(
            """
            INSERT INTO suggestion (id, young_person_id, counsellor_id, state, offer_id, search,
                suggested_ms, answered_ms)
            VALUES (?, ?, ?, 1, ?, ?, ?, 0)
            """,
            [
                .text(target.id), .text(target.youngPersonID), .text(counsellorID),
                SQLValue(offerID), SQLValue(search), SQLValue(now),
            ]
        )
    }

    private static let select = """
        SELECT s.id AS id, s.young_person_id AS young_person_id, s.counsellor_id AS counsellor_id,
            s.state AS state, s.search AS search, s.suggested_ms AS suggested_ms,
            s.answered_ms AS answered_ms, o.detail AS detail
        FROM suggestion s LEFT JOIN offer o ON o.id = s.offer_id
        """

    private static func find(_ id: String, in queries: some Queries) throws -> Suggestion? {
        try queries.row("\(select) WHERE s.id = ?", [.text(id)]).map(suggestion)
    }

    private static func suggestion(_ row: Row) throws -> Suggestion {
        Suggestion(
            id: try row.text("id"),
            youngPersonID: try row.text("young_person_id"),
            counsellorID: try row.text("counsellor_id"),
            state: SuggestionState(rawValue: Int32(clamping: try row.int("state"))),
            offer: try row.optionalBlob("detail").flatMap {
                try Offer(serializedBytes: $0).summary
            },
            search: try row.optionalBlob("search").map { try NamedSearch(serializedBytes: $0) },
            suggestedMs: try row.int("suggested_ms"),
            answeredMs: try row.int("answered_ms")
        )
    }
}

extension Suggestion {
    /// What is suggested.
    fileprivate var content: SuggestionStore.Content {
        if let search { return .search(search) }
        return .offer(offer?.id ?? "")
    }
}
