import Contracts
import RPC
import Storage

/// The only writer of the search index: `offer_document` and `offer_words`.
enum OfferIndex {
    /// Bits of a document number below its time: 4 million offers published in one second, which
    /// holds all those whose date is not told.
    private static let bitsBelowTime: Int64 = 22

    /// The lowest document number of offers published at `instantMs` or later.
    static func firstDocument(publishedMs instantMs: Int64) -> Int64 {
        max(0, instantMs / 1000) << bitsBelowTime
    }

    /// Whether a document number belongs to offers published in the second of `instantMs`.
    static func isDocument(_ doc: Int64, publishedMs instantMs: Int64) -> Bool {
        doc >> bitsBelowTime == max(0, instantMs / 1000)
    }

    /// Stores the row of a document under `doc`, or, if `nil`, under a new number; answers it.
    static func storeDocument(
        _ summary: OfferSummary,
        as doc: Int64?,
        in transaction: Transaction
    ) throws -> Int64 {
        let doc = try doc ?? newDocument(publishedMs: summary.publishedMs, in: transaction)
        let point = summary.place?.point
        try transaction.execute(
            """
            INSERT INTO offer_document (doc, latitude, longitude, summary) VALUES (?, ?, ?, ?)
            ON CONFLICT (doc) DO UPDATE SET latitude = excluded.latitude,
                longitude = excluded.longitude, summary = excluded.summary
            """,
            [
                .integer(doc), SQLValue(point?.latitude), SQLValue(point?.longitude),
                .blob(try summary.serializedBytes()),
            ]
        )
        return doc
    }

    /// Drops the row of a document.
    static func dropDocument(_ doc: Int64, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM offer_document WHERE doc = ?", [.integer(doc)])
    }

    private static func newDocument(
        publishedMs: Int64,
        in transaction: Transaction
    ) throws -> Int64 {
        let first = firstDocument(publishedMs: publishedMs)
        let next = first + (1 << bitsBelowTime)
        let last = try transaction.row(
            "SELECT MAX(doc) AS doc FROM offer_document WHERE doc >= ? AND doc < ?",
            [.integer(first), .integer(next)]
        )?.optionalInt("doc")
        return last.map { $0 + 1 } ?? max(first, 1)
    }

    /// One change of the words of a document.
    struct WordChange: Sendable {
        let doc: Int64
        let isRemoval: Bool
        let document: OfferDocument
    }

    /// Applies changes to the words in the order of their documents.
    ///
    /// FTS5 writes a segment of its own whenever document numbers fall; rising ones share one.
    static func apply(_ changes: [WordChange], in transaction: Transaction) throws {
        let sorted = changes.sorted {
            $0.doc != $1.doc ? $0.doc < $1.doc : $0.isRemoval && !$1.isRemoval
        }
        for change in sorted {
            let columns: [SQLValue] = [
                .integer(change.doc), .text(change.document.title), .text(change.document.body),
                .text(change.document.tags),
            ]
            try transaction.execute(
                change.isRemoval
                    ? """
                    INSERT INTO offer_words (offer_words, rowid, title, body, tags)
                    VALUES ('delete', ?, ?, ?, ?)
                    """
                    : "INSERT INTO offer_words (rowid, title, body, tags) VALUES (?, ?, ?, ?)",
                columns
            )
        }
    }
}
