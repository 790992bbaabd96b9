import Contracts
import RPC
import Storage

/// The only reader and writer of the `offer` table.
struct OfferStore: Sendable {
    let database: Database
    let index: SearchIndex

    /// An offer ready to be stored.
    struct Draft: Sendable {
        let parsed: ParsedOffer
        /// Tells whether the stored offer is the same.
        let contentHash: Int64
        let document: OfferDocument

        /// Whether its source has withdrawn it: searches find it no more.
        var isClosed: Bool { parsed.offer.summary?.closed ?? false }
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
        // Whatever was stored before must be in memory before what is stored now.
        _ = try await index.segments()
        var builder = SegmentBuilder()
        let open = drafts.filter { !$0.isClosed }
        for draft in open { builder.add(draft.document) }
        let segment = open.isEmpty ? [] : builder.bytes()
        let (outcome, change) = try await database.write { transaction in
            try Self.save(drafts, segment, openCount: open.count, in: transaction)
        }
        index.publish(change)
        try await index.tidy()
        return outcome
    }

    /// Stores `drafts`; `segment` holds those that are open, in their order.
    private static func save(
        _ drafts: [Draft],
        _ segment: [UInt8],
        openCount: Int,
        in transaction: Transaction
    ) throws -> (Outcome, SearchIndex.Change) {
        var outcome = Outcome()
        var change = SearchIndex.Change()
        var arrived: [String] = []
        let firstDoc = try SegmentStore.nextDoc(in: transaction)
        var nextDoc = firstDoc
        for draft in drafts {
            let doc = draft.isClosed ? 0 : nextDoc
            if !draft.isClosed { nextDoc += 1 }
            let stored = try transaction.row(
                "SELECT doc, content_hash, closed FROM offer WHERE id = ?",
                [.text(draft.parsed.id)]
            )
            // Another import may have stored the same since the batch was looked up.
            if try stored?.int("content_hash") == draft.contentHash {
                outcome.same += 1
                if doc > 0 { change.gone.append(doc) }
                continue
            }
            if let stored {
                outcome.changed += 1
                let old = UInt32(truncatingIfNeeded: try stored.int("doc"))
                if old > 0 { change.gone.append(old) }
            } else {
                outcome.created += 1
                arrived.append(draft.parsed.id)
            }
            try store(draft, doc: doc, in: transaction)
        }
        try OfferArrivals.add(arrived, in: transaction)
        for doc in change.gone {
            try transaction.execute(
                "DELETE FROM offer_document WHERE doc = ?",
                [.integer(Int64(doc))]
            )
            try SegmentStore.drop(doc, in: transaction)
        }
        if openCount > 0 {
            try SegmentStore.add(segment, firstDoc: firstDoc, count: openCount, in: transaction)
            change.segment = (firstDoc, segment)
        }
        return (outcome, change)
    }

    private static func store(
        _ draft: Draft,
        doc: UInt32,
        in transaction: Transaction
    ) throws {
        let offer = draft.parsed.offer
        if doc > 0 {
            try transaction.execute(
                "INSERT INTO offer_document (doc, summary) VALUES (?, ?)",
                [
                    .integer(Int64(doc)),
                    .blob(try (offer.summary ?? OfferSummary()).serializedBytes()),
                ]
            )
        }
        try transaction.execute(
            """
            INSERT INTO offer (id, doc, source, siret, content_hash, closed, detail)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET doc = excluded.doc, source = excluded.source,
                siret = excluded.siret, content_hash = excluded.content_hash,
                closed = excluded.closed, detail = excluded.detail
            """,
            [
                .text(draft.parsed.id), .integer(Int64(doc)),
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
