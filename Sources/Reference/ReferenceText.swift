import CReference

/// The text files that are compiled in.
enum ReferenceText {
    /// One card of trades a line.
    static let trades = text(reference_trades_start(), reference_trades_bytes())
    /// One commune a line.
    static let communes = text(reference_communes_start(), reference_communes_bytes())

    /// The lines of a text, without its notes.
    static func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    }

    private static func text(_ start: UnsafePointer<UInt8>, _ count: Int) -> String {
        // Safety: the array is a constant of the program and has `count` bytes.
        String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }
}
