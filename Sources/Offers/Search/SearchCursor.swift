import RPC
import ServiceKit

/// Where a page of a search ended: the last offer's place in the order.
struct SearchCursor: Sendable, Equatable {
    /// Whether the last word stands for the beginnings of words.
    var completesLastWord = false
    /// Which of the search's phases the last offer came from.
    var phase = 0
    /// The last offer's distance in metres, where distances order.
    var distance = 0.0
    /// The last offer's document number.
    var doc: Int64 = 0

    /// The text that callers hand back.
    func text(for query: SearchQuery) -> String {
        Cursor.encode([
            String(query.fingerprint, radix: 36), completesLastWord ? "1" : "0", String(phase),
            String(distance.bitPattern, radix: 36), String(doc),
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
        guard let phase = Int(parts[2]), (0..<100).contains(phase),
            let bits = UInt64(parts[3], radix: 36), let doc = Int64(parts[4])
        else { throw Cursor.fault }
        completesLastWord = parts[1] == "1"
        self.phase = phase
        distance = Double(bitPattern: bits)
        self.doc = doc
    }

    init(completesLastWord: Bool = false, phase: Int = 0, distance: Double = 0, doc: Int64 = 0) {
        self.completesLastWord = completesLastWord
        self.phase = phase
        self.distance = distance
        self.doc = doc
    }
}
