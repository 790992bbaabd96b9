/// Writes a message's fields to JSON, default values left out.
///
/// Used by generated code only.
public struct JSONWriter {
    private var container: KeyedEncodingContainer<FieldKey>

    /// Starts an object without fields.
    public init(_ encoder: any Encoder) {
        container = encoder.container(keyedBy: FieldKey.self)
    }

    /// A number; with `always` even 0, for members of a oneof.
    public mutating func scalar<Value: ProtobufScalar>(
        _ name: String,
        _ value: Value,
        always: Bool = false
    ) throws {
        guard always || value != .zero else { return }
        try container.encode(JSONScalar(value: value), forKey: FieldKey(stringValue: name))
    }

    /// Numbers.
    public mutating func scalars<Value: ProtobufScalar>(_ name: String, _ values: [Value]) throws {
        guard !values.isEmpty else { return }
        try container.encode(
            values.map(JSONScalar.init(value:)),
            forKey: FieldKey(stringValue: name)
        )
    }

    /// A truth value; with `always` even `false`.
    public mutating func bool(_ name: String, _ value: Bool, always: Bool = false) throws {
        guard always || value else { return }
        try container.encode(value, forKey: FieldKey(stringValue: name))
    }

    /// Truth values.
    public mutating func bools(_ name: String, _ values: [Bool]) throws {
        guard !values.isEmpty else { return }
        try container.encode(values, forKey: FieldKey(stringValue: name))
    }

    /// A value of an enumeration; with `always` even number 0.
    public mutating func enumeration(
        _ name: String,
        _ value: some ProtobufEnum,
        always: Bool = false
    ) throws {
        guard always || value.rawValue != 0 else { return }
        try container.encode(JSONEnumeration(value: value), forKey: FieldKey(stringValue: name))
    }

    /// Values of an enumeration.
    public mutating func enumerations<Value: ProtobufEnum>(
        _ name: String,
        _ values: [Value]
    ) throws {
        guard !values.isEmpty else { return }
        try container.encode(
            values.map(JSONEnumeration.init(value:)),
            forKey: FieldKey(stringValue: name)
        )
    }

    /// A text; with `always` even "".
    public mutating func string(_ name: String, _ value: String, always: Bool = false) throws {
        guard always || !value.isEmpty else { return }
        try container.encode(value, forKey: FieldKey(stringValue: name))
    }

    /// Texts.
    public mutating func strings(_ name: String, _ values: [String]) throws {
        guard !values.isEmpty else { return }
        try container.encode(values, forKey: FieldKey(stringValue: name))
    }

    /// Bytes; with `always` even none.
    public mutating func bytes(_ name: String, _ value: [UInt8], always: Bool = false) throws {
        guard always || !value.isEmpty else { return }
        try container.encode(JSONBytes(value: value), forKey: FieldKey(stringValue: name))
    }

    /// Pieces of bytes.
    public mutating func byteStrings(_ name: String, _ values: [[UInt8]]) throws {
        guard !values.isEmpty else { return }
        try container.encode(
            values.map(JSONBytes.init(value:)),
            forKey: FieldKey(stringValue: name)
        )
    }

    /// A message, or none.
    public mutating func message<Message: ProtobufMessage>(
        _ name: String,
        _ value: Message?
    ) throws {
        try container.encodeIfPresent(value, forKey: FieldKey(stringValue: name))
    }

    /// Messages.
    public mutating func messages<Message: ProtobufMessage>(
        _ name: String,
        _ values: [Message]
    ) throws {
        guard !values.isEmpty else { return }
        try container.encode(values, forKey: FieldKey(stringValue: name))
    }
}
