import CProtobufC

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Copies Swift values out of a decoded C struct.
///
/// Used by generated code only. Fields are named by their index in the order of their numbers;
/// where a field lies in the struct comes from protobuf-c's own descriptor. The generator and
/// `protoc-c` read the same schema, so index and type always fit together; a debug build checks it.
///
/// Valid only while its message decodes: copy, never keep.
public struct MessageReader {
    private let base: UnsafeRawPointer

    /// Reads a struct that protobuf-c filled from an arena.
    init(_ message: UnsafePointer<ProtobufCMessage>) {
        base = UnsafeRawPointer(message)
    }

    /// Whether the oneof of field `index` holds that field.
    public func holds(_ index: Int) -> Bool {
        let field = field(index)
        return base.load(fromByteOffset: Int(field.quantifier_offset), as: UInt32.self) == field.id
    }

    /// A truth value.
    public func bool(_ index: Int) -> Bool {
        place(index).load(as: protobuf_c_boolean.self) != 0
    }

    /// Truth values.
    public func bools(_ index: Int) -> [Bool] {
        elements(index, as: protobuf_c_boolean.self).map { $0 != 0 }
    }

    /// A text.
    public func string(_ index: Int) throws(DecodingFault) -> String {
        let field = field(index)
        assert(field.type == PROTOBUF_C_TYPE_STRING)
        let text = base.load(fromByteOffset: Int(field.offset), as: UnsafePointer<CChar>?.self)
        // What protobuf-c puts where no text came lies outside the arena and is always "".
        guard let text, UnsafeRawPointer(text) != field.default_value else { return "" }
        return try string(at: text, name(index))
    }

    /// Texts.
    public func strings(_ index: Int) throws(DecodingFault) -> [String] {
        let texts = elements(index, as: UnsafePointer<CChar>?.self)
        var values: [String] = []
        values.reserveCapacity(texts.count)
        for text in texts {
            guard let text else { continue }
            values.append(try string(at: text, "\(name(index))[\(values.count)]"))
        }
        return values
    }

    /// Bytes.
    public func bytes(_ index: Int) -> [UInt8] {
        assert(field(index).type == PROTOBUF_C_TYPE_BYTES)
        let data = place(index).load(as: ProtobufCBinaryData.self)
        return Array(UnsafeBufferPointer(start: data.data, count: data.len))
    }

    /// Pieces of bytes.
    public func byteStrings(_ index: Int) -> [[UInt8]] {
        elements(index, as: ProtobufCBinaryData.self).map { data in
            Array(UnsafeBufferPointer(start: data.data, count: data.len))
        }
    }

    /// Where field `index` lies.
    @usableFromInline
    func place(_ index: Int) -> UnsafeRawPointer {
        base + Int(field(index).offset)
    }

    /// How many elements the repeated field `index` has.
    @usableFromInline
    func count(_ index: Int) -> Int {
        assert(field(index).label == PROTOBUF_C_LABEL_REPEATED)
        return base.load(fromByteOffset: Int(field(index).quantifier_offset), as: Int.self)
    }

    /// The struct of message field `index`.
    @usableFromInline
    func nested(_ index: Int) -> MessageReader? {
        assert(field(index).type == PROTOBUF_C_TYPE_MESSAGE)
        return place(index).load(as: UnsafePointer<ProtobufCMessage>?.self).map(MessageReader.init)
    }

    /// The struct of the element at `position` of message field `index`.
    @usableFromInline
    func nested(_ index: Int, _ position: Int) -> MessageReader? {
        let structs = elements(index, as: UnsafePointer<ProtobufCMessage>?.self)
        return structs[position].map(MessageReader.init)
    }

    /// `fault` as seen from this message, in which it lies in field `index`.
    @usableFromInline
    func outer(_ fault: DecodingFault, _ index: Int, _ position: Int? = nil) -> DecodingFault {
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

    /// The elements of a repeated field.
    private func elements<Element>(
        _ index: Int,
        as type: Element.Type
    ) -> UnsafeBufferPointer<Element> {
        let start = place(index).load(as: UnsafePointer<Element>?.self)
        return UnsafeBufferPointer(start: start, count: start == nil ? 0 : count(index))
    }

    /// Copies a text that lies in the arena.
    ///
    /// protobuf-c marks a text's end by NUL alone; the size of its allocation tells how long it
    /// really was, and so reveals a NUL in its midst.
    private func string(
        at text: UnsafePointer<CChar>,
        _ field: @autoclosure () -> String
    ) throws(DecodingFault) -> String {
        let count = Arena.size(of: text) - 1
        guard count > 0 else { return "" }
        guard memchr(text, 0, count) == nil else {
            throw DecodingFault(field: field(), mend: "must not contain NUL")
        }
        let utf8 = UnsafeRawBufferPointer(start: text, count: count)
        guard let value = String(validating: utf8, as: UTF8.self) else {
            throw DecodingFault(field: field(), mend: "must be valid UTF-8")
        }
        return value
    }
}

// Inlinable, so that generated code gets code for its own types.
extension MessageReader {
    /// A number.
    @inlinable
    public func scalar<Value: ProtobufScalar>(_ index: Int) -> Value {
        place(index).load(as: Value.self)
    }

    /// Numbers.
    @inlinable
    public func scalars<Value: ProtobufScalar>(_ index: Int) -> [Value] {
        let start = place(index).load(as: UnsafePointer<Value>?.self)
        return Array(UnsafeBufferPointer(start: start, count: start == nil ? 0 : count(index)))
    }

    /// A value of an enumeration.
    @inlinable
    public func enumeration<Value: ProtobufEnum>(_ index: Int) -> Value {
        Value(rawValue: place(index).load(as: Int32.self))
    }

    /// Values of an enumeration.
    @inlinable
    public func enumerations<Value: ProtobufEnum>(_ index: Int) -> [Value] {
        let numbers: [Int32] = scalars(index)
        return numbers.map(Value.init(rawValue:))
    }

    /// A message; `nil` if there is none.
    @inlinable
    public func message<Message: ProtobufMessage>(
        _ index: Int
    ) throws(DecodingFault) -> Message? {
        guard let reader = nested(index) else { return nil }
        do throws(DecodingFault) {
            return try Message(reading: reader)
        } catch {
            throw outer(error, index)
        }
    }

    /// Messages.
    @inlinable
    public func messages<Message: ProtobufMessage>(
        _ index: Int
    ) throws(DecodingFault) -> [Message] {
        let count = count(index)
        var values: [Message] = []
        values.reserveCapacity(count)
        for position in 0..<count {
            guard let reader = nested(index, position) else { continue }
            do throws(DecodingFault) {
                values.append(try Message(reading: reader))
            } catch {
                throw outer(error, index, position)
            }
        }
        return values
    }
}
