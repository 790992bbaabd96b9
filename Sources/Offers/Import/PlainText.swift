/// Makes plain text of what sources send: HTML and entities resolved, invisible and control
/// characters dropped, white space in order.
///
/// U+FFFD is dropped: it stands where something was lost already. Mojibake stays: guessing at it
/// would harm good text.
enum PlainText {
    /// One line of text, at most `bytesMax` bytes of UTF-8.
    static func line(_ raw: String, bytesMax: Int = OfferLimits.labelBytesMax) -> String {
        clean(raw, keepsBreaks: false, bytesMax: bytesMax)
    }

    /// Lines of text with at most one empty line between them, at most `bytesMax` bytes of UTF-8.
    static func paragraphs(
        _ raw: String,
        bytesMax: Int = OfferLimits.descriptionBytesMax
    ) -> String {
        clean(raw, keepsBreaks: true, bytesMax: bytesMax)
    }

    private static func clean(_ raw: String, keepsBreaks: Bool, bytesMax: Int) -> String {
        let text = HTMLText.isPossible(in: raw) ? HTMLText.plain(raw) : raw
        var writer = Writer(keepsBreaks: keepsBreaks)
        var copy = text
        // Safety: the text is valid UTF-8, and `take` looks at whole characters only.
        copy.withUTF8 { bytes in
            var index = 0
            while index < bytes.count {
                index += take(bytes, at: index, into: &writer)
            }
        }
        return cut(writer.bytes, bytesMax)
    }

    /// Handles the character at `index`; answers its length in bytes.
    private static func take(
        _ bytes: UnsafeBufferPointer<UInt8>,
        at index: Int,
        into writer: inout Writer
    ) -> Int {
        let byte = bytes[index]
        if byte < 0x80 {
            switch byte {
            case 0x0A: writer.lineBreak()
            // A line break may be sent as CR alone, or as CR LF.
            case 0x0D:
                if index + 1 == bytes.count || bytes[index + 1] != 0x0A { writer.lineBreak() }
            case 0x20, 0x09: writer.space()
            case 0..<0x20, 0x7F: break
            default: writer.append(byte)
            }
            return 1
        }
        let length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
        guard index + length <= bytes.count else { return 1 }
        switch meaning(bytes, at: index) {
        case .character: for offset in 0..<length { writer.append(bytes[index + offset]) }
        case .space: writer.space()
        case .lineBreak: writer.lineBreak()
        case .nothing: break
        }
        return length
    }

    private enum Meaning { case character, space, lineBreak, nothing }

    /// What a character beyond ASCII stands for.
    private static func meaning(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Meaning {
        switch (bytes[index], bytes[index + 1]) {
        case (0xC2, 0x80...0x9F), (0xC2, 0xAD): return .nothing  // C1 controls, soft hyphen
        case (0xC2, 0xA0): return .space
        case (0xE2, 0x80):
            switch bytes[index + 2] {
            case 0x80...0x8A, 0xAF: return .space  // spaces of all widths
            case 0xA8, 0xA9: return .lineBreak  // line and paragraph separator
            case 0x8B...0x8F, 0xAA...0xAE: return .nothing  // zero width, direction overrides
            default: return .character
            }
        case (0xE2, 0x81): return (0xA0...0xAF).contains(bytes[index + 2]) ? .nothing : .character
        case (0xEF, 0xBB): return bytes[index + 2] == 0xBF ? .nothing : .character  // BOM
        case (0xEF, 0xBF): return bytes[index + 2] == 0xBD ? .nothing : .character  // U+FFFD
        default: return .character
        }
    }

    private static func cut(_ bytes: [UInt8], _ bytesMax: Int) -> String {
        guard bytes.count > bytesMax else { return String(decoding: bytes, as: UTF8.self) }
        var end = bytesMax - 3
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: bytes[..<end], as: UTF8.self) + "…"
    }

    /// Collects characters; white space waits until a character follows it.
    private struct Writer {
        let keepsBreaks: Bool
        var bytes: [UInt8] = []
        private var breaks = 0
        private var hasSpace = false

        init(keepsBreaks: Bool) {
            self.keepsBreaks = keepsBreaks
        }

        mutating func space() { hasSpace = true }

        mutating func lineBreak() {
            if keepsBreaks { breaks += 1 } else { hasSpace = true }
        }

        mutating func append(_ byte: UInt8) {
            if !bytes.isEmpty {
                if breaks > 0 {
                    bytes.append(0x0A)
                    if breaks > 1 { bytes.append(0x0A) }
                } else if hasSpace {
                    bytes.append(0x20)
                }
            }
            breaks = 0
            hasSpace = false
            bytes.append(byte)
        }
    }
}
