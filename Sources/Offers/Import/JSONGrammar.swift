/// The grammar of JSON as a machine that takes one byte at a time and keeps no text.
///
/// It tells objects apart in a file of any size. Scalars are not checked here: what is kept is
/// read again by `JSONParser`.
struct JSONGrammar {
    /// What a byte meant.
    enum Step: Equatable {
        /// Nothing of interest.
        case within
        /// An object or array began; `depth` counts it.
        case opened(isObject: Bool)
        /// An object or array ended; `depth` no longer counts it.
        case closed
        /// The opening quote of a key.
        case keyBegan
        /// The closing quote of a key.
        case keyEnded
        /// The first byte of a text, number or literal.
        case scalarBegan
        /// The byte does not fit; the rest of a sentence that begins "JSON".
        case fault(String)
    }

    private enum Expectation {
        case value, valueOrEnd, key, keyOrEnd, colon, commaOrEnd
    }

    private enum Lexeme {
        case none, key, text, keyEscape, textEscape, scalar
    }

    /// How many objects and arrays are open.
    private(set) var depth = 0
    /// Whether something was nested deeper than `OfferLimits.nestingMax`; reset by the owner.
    var wentTooDeep = false

    /// One bit a level: set for an object.
    private var objects: UInt64 = 0
    /// Levels beyond `OfferLimits.nestingMax`: there brackets are only counted.
    private var excess = 0
    private var expectation = Expectation.value
    private var lexeme = Lexeme.none

    /// Whether the next byte belongs to a string and is not the byte after a backslash.
    var isInString: Bool { lexeme == .text || lexeme == .key }

    /// Whether the next byte belongs to a key.
    var isInKey: Bool { lexeme == .key }

    /// Takes the next byte.
    mutating func step(_ byte: UInt8) -> Step {
        switch lexeme {
        case .none: return structure(byte)
        case .key, .text: return inString(byte)
        case .keyEscape, .textEscape:
            guard byte != 0x0A else { return .fault("ends its line inside a string") }
            lexeme = lexeme == .keyEscape ? .key : .text
            return .within
        case .scalar:
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x0A, 0x0D, 0x09:
                lexeme = .none
                return structure(byte)
            case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""), UInt8(ascii: ":"):
                return .fault("lacks a comma")
            default: return .within
            }
        }
    }

    private mutating func inString(_ byte: UInt8) -> Step {
        switch byte {
        case UInt8(ascii: "\\"):
            lexeme = lexeme == .key ? .keyEscape : .textEscape
            return .within
        case UInt8(ascii: "\""):
            defer { lexeme = .none }
            guard lexeme == .key else {
                expectation = .commaOrEnd
                return .within
            }
            expectation = .colon
            return .keyEnded
        case 0x0A:
            return .fault("ends its line inside a string")
        default:
            return .within
        }
    }

    private mutating func structure(_ byte: UInt8) -> Step {
        if byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { return .within }
        if excess > 0 { return beyond(byte) }
        switch expectation {
        case .value: return value(byte, mayEnd: false)
        case .valueOrEnd: return value(byte, mayEnd: true)
        case .key, .keyOrEnd:
            if byte == UInt8(ascii: "\"") {
                lexeme = .key
                return .keyBegan
            }
            if byte == UInt8(ascii: "}"), expectation == .keyOrEnd { return close() }
            return .fault("lacks a key")
        case .colon:
            guard byte == UInt8(ascii: ":") else { return .fault("lacks a colon") }
            expectation = .value
            return .within
        case .commaOrEnd: return commaOrEnd(byte)
        }
    }

    private mutating func value(_ byte: UInt8, mayEnd: Bool) -> Step {
        switch byte {
        case UInt8(ascii: "{"): return open(isObject: true)
        case UInt8(ascii: "["): return open(isObject: false)
        case UInt8(ascii: "\""):
            lexeme = .text
            return .scalarBegan
        case UInt8(ascii: "]") where mayEnd: return close()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
            lexeme = .scalar
            expectation = .commaOrEnd
            return .scalarBegan
        default: return .fault("lacks a value")
        }
    }

    private mutating func commaOrEnd(_ byte: UInt8) -> Step {
        let isObject = objects & (1 << UInt64(max(depth - 1, 0))) != 0
        switch byte {
        case UInt8(ascii: ","):
            expectation = isObject ? .key : .value
            return .within
        case UInt8(ascii: "}") where isObject, UInt8(ascii: "]") where !isObject:
            return close()
        default:
            return .fault(
                isObject ? "lacks a comma or a closing brace" : "lacks a comma or a closing bracket"
            )
        }
    }

    private mutating func open(isObject: Bool) -> Step {
        guard depth < OfferLimits.nestingMax else {
            wentTooDeep = true
            excess = 1
            return .within
        }
        let bit: UInt64 = 1 << UInt64(depth)
        objects = isObject ? objects | bit : objects & ~bit
        depth += 1
        expectation = isObject ? .keyOrEnd : .valueOrEnd
        return .opened(isObject: isObject)
    }

    private mutating func close() -> Step {
        depth -= 1
        expectation = .commaOrEnd
        return .closed
    }

    private mutating func beyond(_ byte: UInt8) -> Step {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["): excess += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            excess -= 1
            if excess == 0 { expectation = .commaOrEnd }
        case UInt8(ascii: "\""): lexeme = .text
        default: break
        }
        return .within
    }
}
