import RPC
import ServiceKit

/// Where a page of a list ended that goes from the latest back: time and id of its last row.
struct PagePosition: Sendable, Equatable {
    let ms: Int64
    let id: String

    /// Behind every row.
    static let latest = PagePosition(ms: .max, id: "")

    /// The text that callers hand back.
    var text: String { Cursor.encode([String(ms), id]) }

    init(ms: Int64, id: String) {
        self.ms = ms
        self.id = id
    }

    /// Reads what `text` wrote; `nil` for an empty text.
    ///
    /// - Throws: INVALID_ARGUMENT naming `cursor` for anything else.
    init?(_ text: String) throws(RPCError) {
        if text.isEmpty { return nil }
        let parts = try Cursor.decode(text, count: 2)
        guard let ms = Int64(parts[0]) else { throw Cursor.fault }
        self.init(ms: ms, id: parts[1])
    }
}
