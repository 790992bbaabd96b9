import Contracts
import Storage

/// The only reader and writer of `offer_source` and `offer_missing`: how each source is doing, and
/// which offers its last complete file lacked and are to be closed.
struct SourceStore: Sendable {
    let database: Database

    /// Remembers how an import ended.
    func record(
        _ response: ImportOffersResponse,
        from source: OfferSource,
        error: String,
        isComplete: Bool,
        at now: Timestamp
    ) async throws {
        try await database.write { transaction in
            try Self.open(source, in: transaction)
            try transaction.execute(
                """
                UPDATE offer_source SET run_ms = ?, created = ?, changed = ?, same = ?, refused = ?,
                    error = ?, complete_ms = CASE WHEN ? THEN ? ELSE complete_ms END
                WHERE source = ?
                """,
                [
                    SQLValue(now), SQLValue(response.created), SQLValue(response.changed),
                    SQLValue(response.same), SQLValue(response.refused), .text(error),
                    SQLValue(isComplete && error.isEmpty), SQLValue(now), Self.value(source),
                ]
            )
        }
    }

    /// Remembers what a complete file lacked, in place of what the one before lacked.
    ///
    /// - Returns: whether it may be closed without asking: not if it is more than
    ///   `OfferLimits.closingShareMax` of the source's offers.
    func decide(_ missing: [String], from source: OfferSource) async throws -> Bool {
        try await database.write { transaction in
            try Self.open(source, in: transaction)
            let row = try transaction.row(
                "SELECT open_count FROM offer_source WHERE source = ?",
                [Self.value(source)]
            )
            let open = try row?.int("open_count") ?? 0
            let isFew = Double(missing.count) <= OfferLimits.closingShareMax * Double(open)
            try transaction.execute(
                "DELETE FROM offer_missing WHERE source = ?",
                [Self.value(source)]
            )
            for id in missing {
                try transaction.execute(
                    "INSERT INTO offer_missing (source, id) VALUES (?, ?)",
                    [Self.value(source), .text(id)]
                )
            }
            try transaction.execute(
                "UPDATE offer_source SET is_accepted = ?, missing = ? WHERE source = ?",
                [SQLValue(isFew), SQLValue(missing.count), Self.value(source)]
            )
            return isFew
        }
    }

    /// Lets what waits be closed; answers how many offers that are.
    func accept(_ source: OfferSource) async throws -> Int {
        try await database.write { transaction in
            try transaction.execute(
                "UPDATE offer_source SET is_accepted = 1 WHERE source = ? AND missing > 0",
                [Self.value(source)]
            )
            let row = try transaction.row(
                "SELECT missing FROM offer_source WHERE source = ?",
                [Self.value(source)]
            )
            return Int(try row?.int("missing") ?? 0)
        }
    }

    /// The sources whose missing offers may be closed.
    func accepted() async throws -> [OfferSource] {
        try await database.read { reader in
            try reader.rows(
                "SELECT source FROM offer_source WHERE is_accepted = 1 AND missing > 0"
            ).map { OfferSource(rawValue: Int32(truncatingIfNeeded: try $0.int("source"))) }
        }
    }

    /// The open offers of a source that a file lacked.
    func missing(from source: OfferSource, in listing: Listing.Sealed) async throws -> [String] {
        try await database.read { reader in
            var missing: [String] = []
            let first = "\(source.slug):"
            // The character behind the colon: ids of one source lie together.
            let end = "\(source.slug);"
            let sql = "SELECT id FROM offer WHERE id >= ? AND id < ?"
            try reader.forEachRow(sql, [.text(first), .text(end)]) { row in
                let id = try row.text("id")
                guard !listing.holds(id) else { return }
                let isOpen = try reader.exists(
                    "SELECT 1 FROM offer WHERE id = ? AND closed = 0",
                    [.text(id)]
                )
                if isOpen { missing.append(id) }
            }
            return missing
        }
    }
}

extension SourceStore {
    /// How each source is doing, in the order of the schema.
    func states() async throws -> [SourceState] {
        let known = try await database.read { reader in
            try reader.rows(
                """
                SELECT source, open_count, run_ms, complete_ms, created, changed, same, refused,
                    error, missing, is_accepted
                FROM offer_source
                """
            ).map(Self.state)
        }
        let sources: [OfferSource] = [
            .franceTravail, .serviceCivique, .immersionFacilitee, .laBonneAlternance,
        ]
        return sources.map { source in
            known.first { $0.source == source } ?? SourceState(source: source)
        }
    }

    private static func state(_ row: Row) throws -> SourceState {
        let missing = try row.uint("missing")
        return SourceState(
            source: OfferSource(rawValue: Int32(truncatingIfNeeded: try row.int("source"))),
            open: UInt32(clamping: try row.int("open_count")),
            runMs: try row.int("run_ms"),
            completeMs: try row.int("complete_ms"),
            created: UInt32(clamping: try row.int("created")),
            changed: UInt32(clamping: try row.int("changed")),
            same: UInt32(clamping: try row.int("same")),
            refused: UInt32(clamping: try row.int("refused")),
            missing: UInt32(clamping: missing),
            waits: try missing > 0 && !row.bool("is_accepted"),
            error: try row.text("error")
        )
    }

    /// Changes how many open offers a source has.
    static func addOpen(
        _ difference: Int,
        _ source: OfferSource,
        in transaction: Transaction
    ) throws {
        guard difference != 0 else { return }
        try open(source, in: transaction)
        try transaction.execute(
            "UPDATE offer_source SET open_count = open_count + ? WHERE source = ?",
            [SQLValue(difference), value(source)]
        )
    }

    /// The next offers that may be closed.
    static func nextToClose(
        _ source: OfferSource,
        in transaction: Transaction
    ) throws -> [String] {
        try transaction.rows(
            """
            SELECT m.id AS id FROM offer_missing m JOIN offer_source s ON s.source = m.source
            WHERE m.source = ? AND s.is_accepted = 1 ORDER BY m.id LIMIT ?
            """,
            [value(source), SQLValue(OfferLimits.batchOffers)]
        ).map { try $0.text("id") }
    }

    /// Takes an offer off the list of those to be closed.
    static func forgetMissing(
        _ id: String,
        _ source: OfferSource,
        in transaction: Transaction
    ) throws {
        let forgotten = try transaction.execute(
            "DELETE FROM offer_missing WHERE source = ? AND id = ?",
            [value(source), .text(id)]
        )
        guard forgotten > 0 else { return }
        try transaction.execute(
            "UPDATE offer_source SET missing = missing - 1 WHERE source = ?",
            [value(source)]
        )
    }

    private static func open(_ source: OfferSource, in transaction: Transaction) throws {
        try transaction.execute(
            "INSERT INTO offer_source (source) VALUES (?) ON CONFLICT DO NOTHING",
            [value(source)]
        )
    }

    private static func value(_ source: OfferSource) -> SQLValue {
        .integer(Int64(source.rawValue))
    }
}
