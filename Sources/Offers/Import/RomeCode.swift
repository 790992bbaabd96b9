/// Codes of trades in the ROME: "D1106".
enum RomeCode {
    /// The code in capitals; empty if `text` is none.
    static func clean(_ text: String) -> String {
        let code = text.uppercased()
        guard code.utf8.count == 5, let letter = code.utf8.first,
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter),
            code.utf8.dropFirst().allSatisfy({ (0x30...0x39).contains($0) })
        else { return "" }
        return code
    }
}
