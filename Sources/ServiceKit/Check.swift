public import RPC
public import Storage

/// Checks of request fields.
///
/// Each throws INVALID_ARGUMENT naming the field and the mend.
public enum Check {
    /// A UUID in text; answered in lower case, the form in which it is stored.
    public static func id(_ value: String, _ field: String) throws(RPCError) -> String {
        guard isUUID(value) else {
            throw .badField(field, "must be a UUID, like 0190b6e0-0000-7000-8000-000000000001")
        }
        let isLower = !value.utf8.contains { (UInt8(ascii: "A")...UInt8(ascii: "F")) ~= $0 }
        return isLower ? value : value.lowercased()
    }

    /// Text of so many Unicode scalars, free of control characters but line break and tab.
    ///
    /// With a lower bound above 0, white space alone does not count as text.
    public static func text(
        _ value: String,
        _ field: String,
        _ length: ClosedRange<Int>
    ) throws(RPCError) -> String {
        // A scalar takes at most four bytes: most too-long texts are refused without a walk.
        let isLengthPossible = value.utf8.count <= 4 * length.upperBound
        guard isLengthPossible, length.contains(value.unicodeScalars.count) else {
            throw .badField(
                field,
                length.lowerBound == 0
                    ? "must be at most \(length.upperBound) characters"
                    : "must be \(length.lowerBound) to \(length.upperBound) characters"
            )
        }
        // Unicode's control characters are these, for ever: no look into its tables for each letter.
        // Source: The Unicode Standard §23.1
        for scalar in value.unicodeScalars where scalar < " " || ("\u{7F}"..."\u{9F}") ~= scalar {
            guard scalar == "\n" || scalar == "\t" || scalar == "\r" else {
                throw .badField(field, "must not hold control characters")
            }
        }
        if length.lowerBound > 0, value.unicodeScalars.allSatisfy(\.properties.isWhitespace) {
            throw .badField(field, "must hold more than white space")
        }
        return value
    }

    /// A page size: 0 stands for `fallback`.
    public static func limit(
        _ value: UInt32,
        _ field: String = "limit",
        default fallback: Int,
        max: Int
    ) throws(RPCError) -> Int {
        guard value <= max else {
            throw .badField(field, "must be 1 to \(max), or 0 for \(fallback)")
        }
        return value == 0 ? fallback : Int(value)
    }

    /// An instant within a range, in milliseconds since 1970 UTC.
    public static func instant(
        _ value: Int64,
        _ field: String,
        _ range: ClosedRange<Timestamp>,
        _ mend: String
    ) throws(RPCError) -> Timestamp {
        let instant = Timestamp(milliseconds: value)
        guard range.contains(instant) else { throw .badField(field, mend) }
        return instant
    }

    /// A known value of an enumeration.
    public static func known<Value: ProtobufEnum>(
        _ value: Value,
        _ field: String
    ) throws(RPCError) -> Value {
        guard Value.allCases.contains(value), value.rawValue != 0 else {
            let names = Value.allCases.filter { $0.rawValue != 0 }.map(\.name)
            throw .badField(field, "must be one of \(names.joined(separator: ", "))")
        }
        return value
    }

    /// Whether `value` has the shape of a UUID: 8-4-4-4-12 hexadecimal digits.
    static func isUUID(_ value: String) -> Bool {
        guard value.utf8.count == 36 else { return false }
        for (index, byte) in value.utf8.enumerated() {
            switch index {
            case 8, 13, 18, 23:
                guard byte == UInt8(ascii: "-") else { return false }
            default:
                guard isHexadecimal(byte) else { return false }
            }
        }
        return true
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "a")...UInt8(ascii: "f"): true
        case UInt8(ascii: "A")...UInt8(ascii: "F"): true
        default: false
        }
    }
}
