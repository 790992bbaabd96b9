import Contracts
import RPC
import Storage

extension OfferStore {
    /// Indexes the next offers that wait for it: after an update that analyses texts anew, or when
    /// the index was damaged.
    ///
    /// - Returns: whether there may be more.
    func indexWaiting() async throws -> Bool {
        _ = try await index.segments()
        let waiting = try await database.read { reader in
            try reader.rows(
                """
                SELECT id, content_hash, detail FROM offer WHERE doc = 0 AND closed = 0
                ORDER BY id LIMIT \(OfferLimits.batchOffers)
                """
            ).map(Waiting.init)
        }
        guard !waiting.isEmpty else { return false }
        let analyzer = TextAnalyzer()
        var builder = SegmentBuilder()
        for waiting in waiting { builder.add(OfferDocument(waiting.offer, analyzer)) }
        let segment = builder.bytes()
        let change = try await database.write { transaction in
            try Self.index(waiting, segment, in: transaction)
        }
        index.publish(change)
        try await index.tidy()
        return true
    }

    private struct Waiting: Sendable {
        let id: String
        let contentHash: Int64
        let offer: Offer

        init(_ row: Row) throws {
            id = try row.text("id")
            contentHash = try row.int("content_hash")
            offer = try Offer(serializedBytes: row.blob("detail"))
        }
    }

    private static func index(
        _ waiting: [Waiting],
        _ segment: [UInt8],
        in transaction: Transaction
    ) throws -> SearchIndex.Change {
        let firstDoc = try SegmentStore.nextDoc(in: transaction)
        var change = SearchIndex.Change(segment: (firstDoc, segment))
        for (offset, waiting) in waiting.enumerated() {
            let doc = firstDoc + UInt32(offset)
            let indexed = try transaction.execute(
                "UPDATE offer SET doc = ? WHERE id = ? AND doc = 0 AND closed = 0 AND content_hash = ?",
                [.integer(Int64(doc)), .text(waiting.id), .integer(waiting.contentHash)]
            )
            if indexed == 1 {
                let summary = waiting.offer.summary ?? OfferSummary()
                try transaction.execute(
                    "INSERT INTO offer_document (doc, summary) VALUES (?, ?)",
                    [.integer(Int64(doc)), .blob(try summary.serializedBytes())]
                )
            } else {
                // An import was quicker: the offer is indexed as it is now.
                try SegmentStore.drop(doc, in: transaction)
                change.gone.append(doc)
            }
        }
        try SegmentStore.add(segment, firstDoc: firstDoc, count: waiting.count, in: transaction)
        return change
    }
}
