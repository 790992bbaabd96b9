/// A value bound to a `?` of a statement, or read from a column.
public enum SQLValue: Sendable, Hashable {
    /// A whole number: BIGINT.
    case integer(Int64)
    /// A floating-point number: DOUBLE PRECISION.
    case real(Double)
    /// UTF-8 text without NUL: TEXT.
    case text(String)
    /// Bytes: BLOB.
    case blob([UInt8])
    /// No value.
    case null
}

extension SQLValue {
    /// The number, or NULL for `nil`.
    public init(_ value: Int64?) {
        self = value.map { .integer($0) } ?? .null
    }

    /// The number, or NULL for `nil`.
    public init(_ value: Int?) {
        self = value.map { .integer(Int64($0)) } ?? .null
    }

    /// The number, or NULL for `nil`.
    public init(_ value: Int32?) {
        self = value.map { .integer(Int64($0)) } ?? .null
    }

    /// The number, or NULL for `nil`.
    public init(_ value: UInt32?) {
        self = value.map { .integer(Int64($0)) } ?? .null
    }

    /// The number, or NULL for `nil`.
    ///
    /// Numbers above 2⁶³−1, which no column holds, become 2⁶³−1: comparisons with what is stored keep
    /// their meaning.
    public init(_ value: UInt64?) {
        self = value.map { .integer(Int64(clamping: $0)) } ?? .null
    }

    /// The number, or NULL for `nil`.
    public init(_ value: Double?) {
        self = value.map { .real($0) } ?? .null
    }

    /// 1 for true and 0 for false, or NULL for `nil`.
    public init(_ value: Bool?) {
        self = value.map { .integer($0 ? 1 : 0) } ?? .null
    }

    /// The text, or NULL for `nil`.
    public init(_ value: String?) {
        self = value.map { .text($0) } ?? .null
    }

    /// The bytes, or NULL for `nil`.
    public init(_ value: [UInt8]?) {
        self = value.map { .blob($0) } ?? .null
    }

    /// The instant in milliseconds, or NULL for `nil`.
    public init(_ value: Timestamp?) {
        self = value.map { .integer($0.milliseconds) } ?? .null
    }
}

extension SQLValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    /// The number as written.
    public init(integerLiteral value: Int64) {
        self = .integer(value)
    }

    /// The number as written.
    public init(floatLiteral value: Double) {
        self = .real(value)
    }

    /// The text as written.
    public init(stringLiteral value: String) {
        self = .text(value)
    }

    /// 1 for true, 0 for false.
    public init(booleanLiteral value: Bool) {
        self = .integer(value ? 1 : 0)
    }

    /// NULL.
    public init(nilLiteral: ()) {
        self = .null
    }
}

extension SQLValue {
    /// What the value is, for messages: never the value itself, which may be somebody's.
    var kind: String {
        switch self {
        case .integer: "a whole number"
        case .real: "a number"
        case .text: "text"
        case .blob: "bytes"
        case .null: "NULL"
        }
    }
}
