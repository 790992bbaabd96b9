/// A field's name in JSON.
public struct FieldKey: CodingKey, Sendable {
    /// The name.
    public let stringValue: String
    /// Never a number: messages are objects.
    public var intValue: Int? { nil }

    /// Wraps a name.
    public init(stringValue: String) {
        self.stringValue = stringValue
    }

    /// Refuses numbers.
    public init?(intValue: Int) {
        nil
    }
}

/// Reads a message's fields from JSON.
///
/// Used by generated code only. Every function answers `nil` for `null`, which stands for the field's default.
public struct JSONReader {
    /// The names that came.
    public let keys: [FieldKey]
    private let container: KeyedDecodingContainer<FieldKey>

    /// Starts with the fields that came.
    ///
    /// - Throws: if a field came under both its JSON name and its name in the schema.
    public init(_ decoder: any Decoder) throws {
        container = try decoder.container(keyedBy: FieldKey.self)
        keys = container.allKeys
        let names = Set(keys.map(\.stringValue))
        for key in keys where key.stringValue.contains("_") {
            if names.contains(Self.jsonName(key.stringValue)) {
                throw refusal(key, "must not come twice, under either of its names")
            }
        }
    }

    /// The JSON name by protobuf's rule, for example `youngPersonId` for `young_person_id`.
    ///
    /// The generator refuses other names.
    private static func jsonName(_ name: String) -> String {
        var result = ""
        for (position, part) in name.split(separator: "_").enumerated() {
            result += position == 0 ? String(part) : part.prefix(1).uppercased() + part.dropFirst()
        }
        return result
    }

    /// A number.
    public func scalar<Value: ProtobufScalar>(_ key: FieldKey) throws -> Value? {
        try container.decodeIfPresent(JSONScalar<Value>.self, forKey: key)?.value
    }

    /// Numbers.
    public func scalars<Value: ProtobufScalar>(_ key: FieldKey) throws -> [Value]? {
        try container.decodeIfPresent([JSONScalar<Value>].self, forKey: key)?.map(\.value)
    }

    /// A truth value.
    public func bool(_ key: FieldKey) throws -> Bool? {
        try container.decodeIfPresent(Bool.self, forKey: key)
    }

    /// Truth values.
    public func bools(_ key: FieldKey) throws -> [Bool]? {
        try container.decodeIfPresent([Bool].self, forKey: key)
    }

    /// A value of an enumeration.
    public func enumeration<Value: ProtobufEnum>(_ key: FieldKey) throws -> Value? {
        try container.decodeIfPresent(JSONEnumeration<Value>.self, forKey: key)?.value
    }

    /// Values of an enumeration.
    public func enumerations<Value: ProtobufEnum>(_ key: FieldKey) throws -> [Value]? {
        try container.decodeIfPresent([JSONEnumeration<Value>].self, forKey: key)?.map(\.value)
    }

    /// A text.
    public func string(_ key: FieldKey) throws -> String? {
        try container.decodeIfPresent(String.self, forKey: key)
    }

    /// Texts.
    public func strings(_ key: FieldKey) throws -> [String]? {
        try container.decodeIfPresent([String].self, forKey: key)
    }

    /// Bytes.
    public func bytes(_ key: FieldKey) throws -> [UInt8]? {
        try container.decodeIfPresent(JSONBytes.self, forKey: key)?.value
    }

    /// Pieces of bytes.
    public func byteStrings(_ key: FieldKey) throws -> [[UInt8]]? {
        try container.decodeIfPresent([JSONBytes].self, forKey: key)?.map(\.value)
    }

    /// A message.
    public func message<Message: ProtobufMessage>(_ key: FieldKey) throws -> Message? {
        try container.decodeIfPresent(Message.self, forKey: key)
    }

    /// Messages.
    public func messages<Message: ProtobufMessage>(_ key: FieldKey) throws -> [Message]? {
        try container.decodeIfPresent([Message].self, forKey: key)
    }

    /// Refuses a second value for the oneof `name`.
    public func requireNone(_ value: (some Any)?, _ key: FieldKey, of name: String) throws {
        guard value == nil else { throw refusal(key, "must not come twice: one of `\(name)`") }
    }

    /// The error for a name that the schema does not know.
    public func unknown(_ key: FieldKey) -> any Error {
        refusal(key, "is not a field of this message")
    }

    private func refusal(_ key: FieldKey, _ mend: String) -> any Error {
        DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: mend)
    }
}
