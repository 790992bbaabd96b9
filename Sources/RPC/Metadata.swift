/// What travels beside a call's messages: a few short key–value pairs, in order.
///
/// Keys are `[a-z0-9_.-]{1,64}`; values are opaque bytes, text by convention. All of a call's
/// header together fits in 16 KiB (`Limits.headerBytesMax`).
public struct Metadata: Sendable, Equatable {
    /// The pairs as they came; a key may come more than once.
    public private(set) var pairs: [(key: String, value: [UInt8])] = []

    /// No pairs.
    public init() {}

    /// The first value under `key` as text; `nil` if there is none or it is not UTF-8.
    public subscript(_ key: String) -> String? {
        guard let pair = pairs.first(where: { $0.key == key }) else { return nil }
        return String(validating: pair.value, as: UTF8.self)
    }

    /// Appends a pair of text.
    public mutating func add(_ key: String, _ value: String) {
        pairs.append((key, Array(value.utf8)))
    }

    /// Appends a pair of bytes.
    public mutating func add(_ key: String, bytes: [UInt8]) {
        pairs.append((key, bytes))
    }

    /// Drops every pair under `key`.
    public mutating func remove(_ key: String) {
        pairs.removeAll { $0.key == key }
    }

    /// Whether `text` may be a key.
    static func isKey(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// Whether both hold the same pairs in the same order.
    public static func == (left: Metadata, right: Metadata) -> Bool {
        left.pairs.elementsEqual(right.pairs) { $0.key == $1.key && $0.value == $1.value }
    }
}

extension Metadata: ExpressibleByDictionaryLiteral {
    /// Pairs as a literal: `["authorization": "Bearer …"]`.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (key, value) in elements { add(key, value) }
    }
}
