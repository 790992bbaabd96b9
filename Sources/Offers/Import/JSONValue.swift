/// A JSON value as a source sent it.
///
/// Numbers keep their text, so that an id of 19 digits loses none of them. The accessors are
/// lenient on purpose: the sources send numbers as texts, lists as single values, and `null`
/// anywhere.
enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// One key of an object with its value.
    struct Member: Sendable, Equatable {
        let key: String
        let value: JSONValue
    }

    /// The value under `key`; `.null` if this is no object or has no such key.
    subscript(_ key: String) -> JSONValue {
        guard case .object(let members) = self else { return .null }
        for member in members where member.key == key { return member.value }
        return .null
    }

    /// The value at `index`; `.null` if this is no array or is shorter.
    subscript(_ index: Int) -> JSONValue {
        guard case .array(let values) = self, values.indices.contains(index) else { return .null }
        return values[index]
    }

    /// A text, or a number as it was written; `nil` for anything else and for an empty text.
    var text: String? {
        switch self {
        case .string(let text), .number(let text): text.isEmpty ? nil : text
        default: nil
        }
    }

    /// A finite number, or a text that holds one, with a decimal point or comma.
    var double: Double? {
        guard let text else { return nil }
        let trimmed = text.filter { !$0.isWhitespace }
        let value = Double(trimmed) ?? Double(trimmed.replacing(",", with: "."))
        guard let value, value.isFinite else { return nil }
        return value
    }

    /// A whole number that fits 32 bits, or the number a text begins with ("6 mois").
    var integer: Int? {
        if let value = double {
            return abs(value) < 2_147_483_648 ? Int(value) : nil
        }
        guard let text else { return nil }
        return Int(text.drop { $0.isWhitespace }.prefix(9).prefix { $0.isASCII && $0.isNumber })
    }

    /// A truth value, or a text that means one.
    var flag: Bool? {
        switch self {
        case .bool(let value): value
        case .string(let text):
            switch text.lowercased() {
            case "true", "yes", "oui", "1": true
            case "false", "no", "non", "0": false
            default: nil
            }
        default: nil
        }
    }

    /// The elements of an array; a single value counts as an array of one, `null` as an empty one.
    var elements: [JSONValue] {
        switch self {
        case .array(let values): values
        case .null: []
        default: [self]
        }
    }

    /// Whether this is an object.
    var isObject: Bool {
        if case .object = self { true } else { false }
    }
}
