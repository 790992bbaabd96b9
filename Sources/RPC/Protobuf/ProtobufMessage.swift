public import NIOCore

/// A generated message: a plain value that copies from and to protobuf-c's structs.
///
/// Its JSON, by `Codable`, is protobuf's own mapping: lowerCamelCase names (the schema's names are
/// read too), 64-bit integers as strings, bytes as base64, enumerations by name, default values
/// left out, `null` for a default, unknown names refused.
public protocol ProtobufMessage: Sendable, Equatable, Codable {
    /// The full name in the schema: `passemploi.agenda.v1.Appointment`.
    static var fullName: String { get }

    /// protobuf-c's description of the message.
    static var descriptor: MessageDescriptor { get }

    /// A message with every field at its default.
    init()

    /// Copies a decoded C struct.
    init(reading reader: MessageReader) throws(DecodingFault)

    /// Fills a C struct.
    func write(to writer: MessageWriter) throws(EncodingFault)
}

// These are inlinable, and leave all that is not generic to `Codec`, so that a module of messages
// gets code for its own types instead of generic code that asks the runtime for metadata.
extension ProtobufMessage {
    /// Decodes a serialised message.
    ///
    /// Memory is bounded by 16 times the input and 64 KiB. Unknown fields are skipped.
    ///
    /// - Throws: `DecodingFault` if the bytes are no such message, or a text is not UTF-8 or
    ///   contains NUL.
    @inlinable
    public init(serializedBytes bytes: [UInt8]) throws(DecodingFault) {
        self.init()
        let fault = bytes.withUnsafeBytes { raw in Self.fault(decoding: raw, into: &self) }
        if let fault { throw fault }
    }

    /// Decodes the readable bytes of `buffer`, all of them.
    ///
    /// - Throws: as `init(serializedBytes:)`.
    @inlinable
    public init(decoding buffer: ByteBuffer) throws(DecodingFault) {
        self.init()
        let fault = buffer.withUnsafeReadableBytes { raw in
            Self.fault(decoding: raw, into: &self)
        }
        if let fault { throw fault }
    }

    /// Decodes a serialised message in memory.
    ///
    /// - Throws: as `init(serializedBytes:)`.
    @inlinable
    public init(decoding bytes: UnsafeRawBufferPointer) throws(DecodingFault) {
        self.init()
        if let fault = Self.fault(decoding: bytes, into: &self) { throw fault }
    }

    /// Decodes into `message`; the fault comes as a value because the closures that lend memory
    /// lose the type of what is thrown through them.
    @inlinable
    static func fault(
        decoding bytes: UnsafeRawBufferPointer,
        into message: inout Self
    ) -> DecodingFault? {
        do throws(DecodingFault) {
            try Codec.decode(bytes, Self.descriptor) { reader throws(DecodingFault) in
                message = try Self(reading: reader)
            }
            return nil
        } catch {
            return error
        }
    }

    /// The message as protobuf writes it.
    ///
    /// - Throws: `EncodingFault` if a text contains NUL.
    @inlinable
    public func serializedBytes() throws(EncodingFault) -> [UInt8] {
        try Codec.bytes(Self.descriptor) { writer throws(EncodingFault) in
            try write(to: writer)
        }
    }

    /// Writes the message behind the readable bytes of `buffer`, without a copy in between.
    ///
    /// - Returns: how many bytes were written.
    /// - Throws: `EncodingFault` if a text contains NUL; `buffer` is then as before.
    @inlinable
    @discardableResult
    public func encode(into buffer: inout ByteBuffer) throws(EncodingFault) -> Int {
        try Codec.encode(Self.descriptor, into: &buffer) { writer throws(EncodingFault) in
            try write(to: writer)
        }
    }
}
