import RPC
import ServiceKit

/// Where a page of a search ended: the last offer's place in the order.
struct SearchCursor: Sendable, Equatable {
    /// Whether the last word stands for the beginnings of words.
    var completesLastWord: Bool
    /// When the first page was asked for: what is how fresh does not change from page to page.
    var nowSeconds: UInt32
    /// The last offer's key in the order.
    var key: UInt64
    /// The last offer's number.
    var doc: UInt32

    init(completesLastWord: Bool, nowSeconds: UInt32, key: UInt64, doc: UInt32) {
        self.completesLastWord = completesLastWord
        self.nowSeconds = nowSeconds
        self.key = key
        self.doc = doc
    }

    /// The text that callers hand back.
    func text(for query: SearchQuery) -> String {
        Cursor.encode([
            String(query.fingerprint, radix: 36), completesLastWord ? "1" : "0",
            String(nowSeconds), String(key, radix: 36), String(doc),
        ])
    }

    /// Reads a cursor that `query` gave.
    ///
    /// - Throws: INVALID_ARGUMENT naming `cursor` if it is broken or another search's.
    init(_ text: String, for query: SearchQuery) throws(RPCError) {
        let parts = try Cursor.decode(text, count: 5)
        guard UInt64(parts[0], radix: 36) == query.fingerprint else {
            throw .badField("cursor", "must come from the same search")
        }
        guard let nowSeconds = UInt32(parts[2]), let key = UInt64(parts[3], radix: 36),
            let doc = UInt32(parts[4])
        else { throw Cursor.fault }
        self.init(
            completesLastWord: parts[1] == "1",
            nowSeconds: nowSeconds,
            key: key,
            doc: doc
        )
    }
}
