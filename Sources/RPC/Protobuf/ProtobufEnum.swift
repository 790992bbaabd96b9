/// A generated enumeration.
///
/// Values that this version of the schema does not know survive.
public protocol ProtobufEnum: Sendable, Hashable, CaseIterable {
    /// The value with number 0, which an absent field has.
    init()

    /// The value with this number; `unrecognized` if the schema has none.
    init(rawValue: Int32)

    /// The value with this name in the schema, `AT_STRUCTURE`; `nil` if there is none.
    init?(name: String)

    /// The number on the wire.
    var rawValue: Int32 { get }

    /// The name in the schema, `AT_STRUCTURE`; the number as text if the schema has none.
    var name: String { get }
}

extension ProtobufEnum {
    /// The value with number 0.
    public init() {
        self.init(rawValue: 0)
    }

    /// The known value with this name.
    public init?(name: String) {
        guard let value = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = value
    }
}

/// A number as protobuf writes it; its Swift and C representations are the same.
public protocol ProtobufScalar: Sendable, BitwiseCopyable, Equatable {
    /// What an absent field holds.
    static var zero: Self { get }

    /// Reads a number from JSON, where 64-bit ones are strings.
    init(json container: any SingleValueDecodingContainer) throws

    /// Writes a number to JSON.
    func encode(json container: inout any SingleValueEncodingContainer) throws
}
