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
        /// What tells whether another is the same job; `nil` if none ever is.
        let twin: TwinTraits?

        /// Whether its source has withdrawn it: searches find it no more.
        var isClosed: Bool { parsed.offer.summary?.closed ?? false }
    }

    /// What storing offers did.
    struct Outcome: Sendable, Equatable {
        var created: UInt32 = 0
        var changed: UInt32 = 0
        var same: UInt32 = 0
        /// By how much the open offers grew.
        var opened = 0
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

    /// The number of an open offer that searches do not find, since another that is the same job
    /// leads it.
    static let hidden: Int64 = -1

    /// Stores offers of one source, which of them are the same job, what the index holds of them and
    /// which are new, all in one transaction.
    func save(_ drafts: [Draft], of source: OfferSource) async throws -> Outcome {
        // Whatever was stored before must be in memory before what is stored now.
        _ = try await index.segments()
        var builder = SegmentBuilder()
        let open = drafts.filter { !$0.isClosed }
        for draft in open { builder.add(draft.document) }
        let segment = open.isEmpty ? [] : builder.bytes()
        let (changes, change) = try await database.write { transaction in
            let firstDoc = try SegmentStore.nextDoc(in: transaction)
            var changes = OfferChanges()
            var nextDoc = firstDoc
            for draft in drafts {
                try changes.save(draft, doc: draft.isClosed ? 0 : nextDoc, in: transaction)
                if !draft.isClosed { nextDoc += 1 }
            }
            try changes.finish(source, in: transaction)
            var change = SearchIndex.Change(gone: changes.gone)
            if !open.isEmpty {
                try SegmentStore.add(
                    segment,
                    firstDoc: firstDoc,
                    count: open.count,
                    in: transaction
                )
                change.segment = (firstDoc, segment)
            }
            return (changes, change)
        }
        index.publish(change)
        if changes.hasPromoted { while try await indexWaiting() {} }
        try await index.tidy()
        return changes.outcome
    }

    /// Closes the next offers of those that may be; answers how many, 0 when all are closed.
    ///
    /// In lumps, so that other writers wait milliseconds only: what is left after a crash is closed
    /// after the next start.
    func closeNext(_ source: OfferSource) async throws -> Int {
        _ = try await index.segments()
        let (count, changes) = try await database.write { transaction in
            let ids = try SourceStore.nextToClose(source, in: transaction)
            var changes = OfferChanges()
            for id in ids {
                try changes.close(id, in: transaction)
                try SourceStore.forgetMissing(id, source, in: transaction)
            }
            try changes.finish(source, in: transaction)
            return (ids.count, changes)
        }
        index.publish(SearchIndex.Change(gone: changes.gone))
        if changes.hasPromoted { while try await indexWaiting() {} }
        return count
    }

    /// Writes an offer's row, and, if searches are to find it, what they show of it.
    static func store(
        _ draft: Draft,
        doc: UInt32,
        isShown: Bool,
        in transaction: Transaction
    ) throws {
        let offer = draft.parsed.offer
        let number = draft.isClosed ? 0 : isShown ? Int64(doc) : hidden
        if doc > 0, isShown {
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
                .text(draft.parsed.id), .integer(number),
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
