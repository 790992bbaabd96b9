import Foundation

/// A value of a case file.
enum JSON: Decodable, Equatable {
    case null
    case bool(Bool)
    case number(UInt64)
    case text(String)
    case list([JSON])
    case object([String: JSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(UInt64.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }
}

/// A case file that cannot be understood.
struct CaseFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// An object all of whose keys have to be taken: one that nobody takes is a slip of the pen, and a
/// check that is never made.
struct Entry {
    private var values: [String: JSON]

    init(_ json: JSON) throws {
        guard case .object(let values) = json else {
            throw CaseFault("\(json) should be an object")
        }
        self.values = values
    }

    mutating func take(_ key: String) -> JSON? { values.removeValue(forKey: key) }

    mutating func text(_ key: String) throws -> String? {
        guard let value = take(key) else { return nil }
        guard case .text(let text) = value else { throw CaseFault("\(key) should be text") }
        return text
    }

    mutating func number(_ key: String) throws -> Int? {
        guard let value = take(key) else { return nil }
        guard case .number(let number) = value else { throw CaseFault("\(key) should be a number") }
        return Int(clamping: number)
    }

    mutating func flag(_ key: String) throws -> Bool {
        guard let value = take(key) else { return false }
        guard case .bool(let flag) = value else {
            throw CaseFault("\(key) should be true or false")
        }
        return flag
    }

    mutating func list(_ key: String) throws -> [JSON]? {
        guard let value = take(key) else { return nil }
        guard case .list(let list) = value else { throw CaseFault("\(key) should be a list") }
        return list
    }

    /// Nothing more is taken.
    func finish() throws {
        guard let key = values.keys.min() else { return }
        throw CaseFault("nothing is known of \"\(key)\"")
    }
}

extension [UInt8] {
    /// Bytes as a case writes them: a text, `{"hex": …}`, `{"zeros": N}`, or `{"text": …, "times": N}`.
    init(_ json: JSON) throws {
        if case .text(let text) = json {
            self = Array(text.utf8)
            return
        }
        var entry = try Entry(json)
        if let hex = try entry.text("hex") {
            self = try Array(hex: hex)
        } else if let count = try entry.number("zeros") {
            self = Array(repeating: 0, count: count)
        } else if let text = try entry.text("text"), let times = try entry.number("times") {
            self = Array((0..<times).map { _ in text.utf8 }.joined())
        } else {
            throw CaseFault("bytes are a text, hex, zeros, or text and times")
        }
        try entry.finish()
    }

    /// Bytes from hexadecimal digits; blanks between bytes are for the reader.
    private init(hex: String) throws {
        let digits = hex.filter { $0 != " " }.compactMap(\.hexDigitValue)
        guard digits.count == hex.count(where: { $0 != " " }), digits.count.isMultiple(of: 2) else {
            throw CaseFault("\"\(hex)\" is not hexadecimal")
        }
        self = stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }
}
