public import RPC

/// Where a page ends, as text that callers hand back unread.
public enum Cursor {
    // Unit separator: cannot stand in ids, numbers or dates, the only parts that cursors hold.
    private static let separator: Character = "\u{1F}"

    /// Packs the keys of a page's last row, in the order of the listing.
    public static func encode(_ parts: [String]) -> String {
        base64URL(Array(parts.joined(separator: String(separator)).utf8))
    }

    /// Unpacks what `encode` packed.
    ///
    /// - Throws: INVALID_ARGUMENT naming `cursor` for anything else.
    public static func decode(_ text: String, count: Int) throws(RPCError) -> [String] {
        guard let bytes = bytes(base64URL: text),
            let joined = String(validating: bytes, as: UTF8.self)
        else { throw fault }
        let parts = joined.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count == count else { throw fault }
        return parts.map(String.init)
    }

    /// The error for a cursor that did not come from the listing it is used on.
    public static let fault = RPCError.badField(
        "cursor",
        "must be the `next` of an earlier page of the same listing, or empty"
    )

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8
    )

    /// Unpadded base64 in the alphabet that is safe in addresses.
    ///
    /// Source: RFC 4648 §5.
    public static func base64URL(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        var buffer: UInt32 = 0
        var bits = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[Int(buffer >> UInt32(bits)) & 63])
            }
        }
        if bits > 0 { text.append(alphabet[Int(buffer << UInt32(6 - bits)) & 63]) }
        return String(decoding: text, as: UTF8.self)
    }

    static func bytes(base64URL text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = 0
        for character in text.utf8 {
            guard let value = value(of: character) else { return nil }
            buffer = buffer << 6 | value
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        return bytes
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
