/// Makes texts ready to be written many times.
enum Texts {
    /// The bytes of a text, of which JSON needs nothing escaped.
    static func safe(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        precondition(
            !bytes.contains { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") },
            "a text of the vocabulary needs escaping: \(text)"
        )
        return bytes
    }

    /// A text from outside, such as a commune's name: what would need escaping is left out.
    static func cleaned(_ text: String) -> [UInt8] {
        text.utf8.filter { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }

    /// The phrases of a list parted by bars.
    static func list(_ text: String) -> [[UInt8]] {
        text.split(separator: "|").map { part in
            safe(String(part.drop(while: \.isWhitespace).trimmedEnd))
        }
    }

    /// The bytes with the first letter, of ASCII, made a capital.
    static func capitalised(_ bytes: [UInt8]) -> [UInt8] {
        guard let first = bytes.first, (0x61...0x7A).contains(first) else { return bytes }
        return [first - 0x20] + bytes.dropFirst()
    }

    /// In capitals, with spaces for hyphens, as old systems write.
    static func shouted(_ text: String) -> [UInt8] {
        safe(text.uppercased().replacing("-", with: " "))
    }
}
