import Contracts
import RPC
import Storage

/// The only reader and writer of the `offer` table.
struct OfferStore: Sendable {
    let database: Database

    /// An offer ready to be stored.
    struct Draft: Sendable {
        let parsed: ParsedOffer
        /// Tells whether the stored offer is the same.
        let contentHash: Int64
        let document: OfferDocument
    }

    /// What storing offers did.
    struct Outcome: Sendable, Equatable {
        var created: UInt32 = 0
        var changed: UInt32 = 0
        var same: UInt32 = 0
    }

    /// The content hashes of those of `ids` that are stored.
    func contentHashes(of ids: [String]) async throws -> [String: Int64] {
        try await database.read { reader in
            var hashes: [String: Int64] = [:]
            for id in ids {
                let row = try reader.row("SELECT content_hash FROM offer WHERE id = ?", [.text(id)])
                hashes[id] = try row?.int("content_hash")
            }
            return hashes
        }
    }

    /// Stores offers, what the index holds of them and which are new, all in one transaction.
    func save(_ drafts: [Draft]) async throws -> Outcome {
        try await database.write { transaction in
            let analyzer = TextAnalyzer()
            var outcome = Outcome()
            var changes: [OfferIndex.WordChange] = []
            var arrived: [String] = []
            for draft in drafts {
                let created = outcome.created
                try Self.save(draft, analyzer, &outcome, &changes, in: transaction)
                if outcome.created > created { arrived.append(draft.parsed.id) }
            }
            try OfferIndex.apply(changes, in: transaction)
            try OfferArrivals.add(arrived, in: transaction)
            return outcome
        }
    }

    private static func save(
        _ draft: Draft,
        _ analyzer: borrowing TextAnalyzer,
        _ outcome: inout Outcome,
        _ changes: inout [OfferIndex.WordChange],
        in transaction: Transaction
    ) throws {
        let stored = try transaction.row(
            "SELECT doc, content_hash, closed, detail FROM offer WHERE id = ?",
            [.text(draft.parsed.id)]
        )
        // Another import may have stored the same since the batch was looked up.
        guard try stored?.int("content_hash") != draft.contentHash else {
            outcome.same += 1
            return
        }
        let summary = draft.parsed.offer.summary ?? OfferSummary()
        var doc: Int64?
        if let stored {
            outcome.changed += 1
            if try !stored.bool("closed") {
                let old = try Offer(serializedBytes: stored.blob("detail"))
                let number = try stored.int("doc")
                let removed = OfferDocument(old, analyzer)
                changes.append(.init(doc: number, isRemoval: true, document: removed))
                // The document keeps its number unless its time of publication moved.
                if !summary.closed,
                    OfferIndex.isDocument(number, publishedMs: summary.publishedMs)
                {
                    doc = number
                } else {
                    try OfferIndex.dropDocument(number, in: transaction)
                }
            }
        } else {
            outcome.created += 1
        }
        if summary.closed {
            doc = 0
        } else {
            let number = try OfferIndex.storeDocument(summary, as: doc, in: transaction)
            changes.append(.init(doc: number, isRemoval: false, document: draft.document))
            doc = number
        }
        try store(draft, doc: doc ?? 0, in: transaction)
    }

    private static func store(
        _ draft: Draft,
        doc: Int64,
        in transaction: Transaction
    ) throws {
        let offer = draft.parsed.offer
        try transaction.execute(
            """
            INSERT INTO offer (id, doc, source, siret, content_hash, closed, detail)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET doc = excluded.doc, source = excluded.source,
                siret = excluded.siret, content_hash = excluded.content_hash,
                closed = excluded.closed, detail = excluded.detail
            """,
            [
                .text(draft.parsed.id), .integer(doc),
                .integer(Int64(offer.summary?.source.rawValue ?? 0)), .text(draft.parsed.siret),
                .integer(draft.contentHash), SQLValue(offer.summary?.closed ?? false),
                .blob(try offer.serializedBytes()),
            ]
        )
    }

    /// An offer with all that is known of it, and its company's SIRET.
    struct Found: Sendable {
        let offer: Offer
        let siret: String
    }

    /// The offer of an id, closed ones included; `nil` if there is none.
    static func find(_ id: String, in queries: some Queries) throws -> Found? {
        let row = try queries.row("SELECT detail, siret FROM offer WHERE id = ?", [.text(id)])
        return try row.map {
            Found(offer: try Offer(serializedBytes: $0.blob("detail")), siret: try $0.text("siret"))
        }
    }
}
