import CProtobufC

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Fills a C struct with copies of Swift values.
///
/// Used by generated code only. Fields are named as in `MessageReader`. The struct and all it
/// points to live in an arena; protobuf-c only packs it and never frees it.
public struct MessageWriter {
    private let base: UnsafeMutableRawPointer
    private let arena: UnsafeMutablePointer<Arena>

    /// Makes an empty struct in `arena`.
    init(
        _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>,
        _ arena: UnsafeMutablePointer<Arena>
    ) throws(EncodingFault) {
        base = try Self.allocate(descriptor.pointee.sizeof_message, in: arena)
        protobuf_c_message_init(descriptor, base)
        self.arena = arena
    }

    /// The struct.
    var message: UnsafePointer<ProtobufCMessage> {
        UnsafePointer(base.assumingMemoryBound(to: ProtobufCMessage.self))
    }

    /// Makes the oneof of field `index` hold that field.
    public func hold(_ index: Int) {
        let field = field(index)
        base.storeBytes(
            of: field.id,
            toByteOffset: Int(field.quantifier_offset),
            as: UInt32.self
        )
    }

    /// A truth value.
    public func bool(_ index: Int, _ value: Bool) {
        place(index).storeBytes(of: value ? 1 : 0, as: protobuf_c_boolean.self)
    }

    /// Truth values.
    public func bools(_ index: Int, _ values: [Bool]) throws(EncodingFault) {
        let stride = MemoryLayout<protobuf_c_boolean>.stride
        guard let memory = try elements(index, values.count, stride) else { return }
        for (position, value) in values.enumerated() {
            (memory + position * stride).storeBytes(of: value ? 1 : 0, as: protobuf_c_boolean.self)
        }
    }

    /// A text.
    public func string(_ index: Int, _ value: String) throws(EncodingFault) {
        assert(field(index).type == PROTOBUF_C_TYPE_STRING)
        // Left at protobuf-c's own "", except in a oneof, where that means absence.
        let oneof = UInt32(PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue)
        if value.isEmpty, field(index).flags & oneof == 0 { return }
        let text = try copy(value, name(index))
        place(index).storeBytes(of: text, as: UnsafeMutableRawPointer.self)
    }

    /// Texts.
    public func strings(_ index: Int, _ values: [String]) throws(EncodingFault) {
        let stride = MemoryLayout<UnsafeMutableRawPointer>.stride
        guard let memory = try elements(index, values.count, stride) else { return }
        for (position, value) in values.enumerated() {
            let text = try copy(value, "\(name(index))[\(position)]")
            (memory + position * stride).storeBytes(of: text, as: UnsafeMutableRawPointer.self)
        }
    }

    /// Bytes.
    public func bytes(_ index: Int, _ value: [UInt8]) throws(EncodingFault) {
        assert(field(index).type == PROTOBUF_C_TYPE_BYTES)
        place(index).storeBytes(of: try copy(value), as: ProtobufCBinaryData.self)
    }

    /// Pieces of bytes.
    public func byteStrings(_ index: Int, _ values: [[UInt8]]) throws(EncodingFault) {
        let stride = MemoryLayout<ProtobufCBinaryData>.stride
        guard let memory = try elements(index, values.count, stride) else { return }
        for (position, value) in values.enumerated() {
            let data = try copy(value)
            (memory + position * stride).storeBytes(of: data, as: ProtobufCBinaryData.self)
        }
    }

    /// Where field `index` lies.
    @usableFromInline
    func place(_ index: Int) -> UnsafeMutableRawPointer {
        base + Int(field(index).offset)
    }

    /// Room for the `count` elements of repeated field `index`; `nil` for none.
    @usableFromInline
    func elements(
        _ index: Int,
        _ count: Int,
        _ stride: Int
    ) throws(EncodingFault) -> UnsafeMutableRawPointer? {
        assert(field(index).label == PROTOBUF_C_LABEL_REPEATED)
        guard count > 0 else { return nil }
        let memory = try Self.allocate(count * stride, in: arena)
        place(index).storeBytes(of: memory, as: UnsafeMutableRawPointer.self)
        base.storeBytes(of: count, toByteOffset: Int(field(index).quantifier_offset), as: Int.self)
        return memory
    }

    /// An empty struct to which the pointer at `place` leads from now on.
    @usableFromInline
    func nested(
        _ descriptor: MessageDescriptor,
        at place: UnsafeMutableRawPointer
    ) throws(EncodingFault) -> MessageWriter {
        let writer = try MessageWriter(descriptor.pointer, arena)
        place.storeBytes(of: writer.base, as: UnsafeMutableRawPointer.self)
        return writer
    }

    /// `fault` as seen from this message, in which it lies in field `index`.
    @usableFromInline
    func outer(_ fault: EncodingFault, _ index: Int, _ position: Int? = nil) -> EncodingFault {
        fault.inside(position.map { "\(name(index))[\($0)]" } ?? name(index))
    }

    private func name(_ index: Int) -> String {
        String(cString: field(index).name)
    }

    /// What protobuf-c knows of a field.
    ///
    /// - Precondition: the message has it. One without any has no array to look into.
    private func field(_ index: Int) -> ProtobufCFieldDescriptor {
        let descriptor = base.load(as: UnsafePointer<ProtobufCMessageDescriptor>.self)
        assert(index < descriptor.pointee.n_fields)
        return descriptor.pointee.fields[index]
    }

    private func copy(
        _ text: String,
        _ field: @autoclosure () -> String
    ) throws(EncodingFault) -> UnsafeMutableRawPointer {
        var text = text
        let count = text.utf8.count
        let memory = try Self.allocate(count + 1, in: arena)
        text.withUTF8 { utf8 in
            if let start = utf8.baseAddress { memory.copyMemory(from: start, byteCount: count) }
        }
        guard memchr(memory, 0, count) == nil else {
            throw EncodingFault(field: field(), mend: "must not contain NUL")
        }
        memory.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
        return memory
    }

    private func copy(_ bytes: [UInt8]) throws(EncodingFault) -> ProtobufCBinaryData {
        guard !bytes.isEmpty else { return ProtobufCBinaryData(len: 0, data: nil) }
        let memory = try Self.allocate(bytes.count, in: arena)
        bytes.withUnsafeBytes { raw in
            if let start = raw.baseAddress {
                memory.copyMemory(from: start, byteCount: raw.count)
            }
        }
        return ProtobufCBinaryData(
            len: bytes.count,
            data: memory.assumingMemoryBound(to: UInt8.self)
        )
    }

    private static func allocate(
        _ count: Int,
        in arena: UnsafeMutablePointer<Arena>
    ) throws(EncodingFault) -> UnsafeMutableRawPointer {
        guard let memory = arena.pointee.allocate(count) else {
            throw EncodingFault(mend: "does not fit in memory")
        }
        return memory
    }
}

// Inlinable, so that generated code gets code for its own types.
extension MessageWriter {
    /// A number.
    @inlinable
    public func scalar<Value: ProtobufScalar>(_ index: Int, _ value: Value) {
        place(index).storeBytes(of: value, as: Value.self)
    }

    /// Numbers.
    @inlinable
    public func scalars<Value: ProtobufScalar>(
        _ index: Int,
        _ values: [Value]
    ) throws(EncodingFault) {
        let stride = MemoryLayout<Value>.stride
        guard let memory = try elements(index, values.count, stride) else { return }
        for (position, value) in values.enumerated() {
            (memory + position * stride).storeBytes(of: value, as: Value.self)
        }
    }

    /// A value of an enumeration.
    @inlinable
    public func enumeration<Value: ProtobufEnum>(_ index: Int, _ value: Value) {
        place(index).storeBytes(of: value.rawValue, as: Int32.self)
    }

    /// Values of an enumeration.
    @inlinable
    public func enumerations<Value: ProtobufEnum>(
        _ index: Int,
        _ values: [Value]
    ) throws(EncodingFault) {
        try scalars(index, values.map(\.rawValue))
    }

    /// A message, or none.
    @inlinable
    public func message<Message: ProtobufMessage>(
        _ index: Int,
        _ value: Message?
    ) throws(EncodingFault) {
        guard let value else { return }
        let writer = try nested(Message.descriptor, at: place(index))
        do throws(EncodingFault) {
            try value.write(to: writer)
        } catch {
            throw outer(error, index)
        }
    }

    /// Messages.
    @inlinable
    public func messages<Message: ProtobufMessage>(
        _ index: Int,
        _ values: [Message]
    ) throws(EncodingFault) {
        let stride = MemoryLayout<UnsafeMutableRawPointer>.stride
        guard let memory = try elements(index, values.count, stride) else { return }
        for (position, value) in values.enumerated() {
            let writer = try nested(Message.descriptor, at: memory + position * stride)
            do throws(EncodingFault) {
                try value.write(to: writer)
            } catch {
                throw outer(error, index, position)
            }
        }
    }
}
