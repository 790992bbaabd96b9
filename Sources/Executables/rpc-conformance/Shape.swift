/// A protobuf message that cases write and read by its fields' names.
struct Shape: Sendable {
    indirect enum Kind: Sendable {
        case number
        case fixed32
        case text
        case bytes
        case message(Shape)
    }

    struct Field: Sendable {
        let name: String
        let number: UInt64
        let kind: Kind
        var isRepeated = false
    }

    let fields: [Field]

    static let hello = Shape(fields: [
        Field(name: "magic", number: 1, kind: .fixed32),
        Field(name: "version", number: 2, kind: .number),
        Field(name: "max_message_bytes", number: 3, kind: .number),
        Field(name: "max_streams", number: 4, kind: .number),
        Field(name: "stream_window_bytes", number: 5, kind: .number),
        Field(name: "instance", number: 6, kind: .text),
    ])

    static let metadata = Shape(fields: [
        Field(name: "key", number: 1, kind: .text),
        Field(name: "value", number: 2, kind: .bytes),
    ])

    static let request = Shape(fields: [
        Field(name: "path", number: 1, kind: .text),
        Field(name: "timeout_us", number: 2, kind: .number),
        Field(name: "trace_context", number: 3, kind: .bytes),
        Field(name: "attempt", number: 4, kind: .number),
        Field(name: "metadata", number: 5, kind: .message(metadata), isRepeated: true),
    ])

    static let status = Shape(fields: [
        Field(name: "code", number: 1, kind: .number),
        Field(name: "message", number: 2, kind: .text),
        Field(
            name: "details",
            number: 3,
            kind: .message(
                Shape(fields: [
                    Field(name: "type", number: 1, kind: .text),
                    Field(name: "value", number: 2, kind: .bytes),
                ])
            ),
            isRepeated: true
        ),
        Field(name: "retry_after_us", number: 4, kind: .number),
        Field(name: "metadata", number: 5, kind: .message(metadata), isRepeated: true),
    ])

    /// The message that every method of `pass.rpc.v1.Echo` takes and gives.
    static let echo = Shape(fields: [
        Field(name: "body", number: 1, kind: .bytes),
        Field(name: "repeat", number: 2, kind: .number),
        Field(name: "delay_us", number: 3, kind: .number),
        Field(name: "fail_code", number: 4, kind: .number),
        Field(name: "fail_message", number: 5, kind: .text),
    ])

    /// The message in the header of frames of `type`; `nil` if they have none.
    static func header(of type: UInt8) -> Shape? {
        switch type {
        case FrameName.hello: hello
        case FrameName.request: request
        case FrameName.response, FrameName.reset, FrameName.goAway: status
        default: nil
        }
    }
}

extension Shape {
    /// Encodes an object of fields; `{"hex": …}` and `{"zeros": …}` stand for bytes as they are.
    func encode(_ json: JSON) throws -> [UInt8] {
        if case .object(let values) = json, values["hex"] ?? values["zeros"] != nil {
            return try [UInt8](json)
        }
        var entry = try Entry(json)
        var bytes: [UInt8] = []
        for field in fields {
            guard let value = entry.take(field.name) else { continue }
            guard field.isRepeated else {
                try field.encode(value, into: &bytes)
                continue
            }
            guard case .list(let values) = value else {
                throw CaseFault("\(field.name) should be a list")
            }
            for value in values { try field.encode(value, into: &bytes) }
        }
        try entry.finish()
        return bytes
    }

    /// Decodes a message; fields that the shape does not have are left out, as are defaults.
    ///
    /// - Throws: `WireFault` if `bytes` are no such message.
    func decode(_ bytes: [UInt8]) throws -> DecodedMessage {
        var reader = FieldReader(bytes)
        var message = DecodedMessage()
        while let (number, value) = try reader.next() {
            guard let field = fields.first(where: { $0.number == number }) else { continue }
            let decoded: DecodedValue
            switch (field.kind, value) {
            case (.number, .number), (.fixed32, .number), (.bytes, .bytes), (.text, .bytes):
                decoded = value
            case (.message(let shape), .bytes(let bytes)):
                decoded = .message(try shape.decode(bytes))
            default: throw WireFault("sent \(field.name) with a wrong wire type")
            }
            guard !field.isRepeated else {
                message.fields[field.name, default: []].append(decoded)
                continue
            }
            message.fields[field.name] = decoded.isDefault ? nil : [decoded]
        }
        return message
    }
}

extension Shape.Field {
    fileprivate func encode(_ value: JSON, into bytes: inout [UInt8]) throws {
        switch (kind, value) {
        case (.number, .number(let number)):
            bytes.append(varint: self.number << 3)
            bytes.append(varint: number)
        case (.fixed32, .number(let number)):
            bytes.append(varint: self.number << 3 | 5)
            bytes.append(bigEndian: UInt32(truncatingIfNeeded: number).byteSwapped)
        case (.message(let shape), _): append(try shape.encode(value), to: &bytes)
        case (.text, _), (.bytes, _): append(try [UInt8](value), to: &bytes)
        default: throw CaseFault("\(name) cannot be \(value)")
        }
    }

    private func append(_ value: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(varint: number << 3 | 2)
        bytes.append(varint: UInt64(value.count))
        bytes += value
    }
}

/// A message as it came, by its fields' names.
struct DecodedMessage: Equatable {
    var fields: [String: [DecodedValue]] = [:]

    /// The number in a field; 0 if it is not there.
    func number(_ name: String) -> UInt64 {
        guard case .number(let number)? = fields[name]?.first else { return 0 }
        return number
    }
}

extension DecodedMessage: CustomStringConvertible {
    var description: String {
        let parts = fields.sorted { $0.key < $1.key }.map { name, values in
            "\(name): \(values.map(\.description).joined(separator: ", "))"
        }
        return "{\(parts.joined(separator: ", "))}"
    }
}

/// The value of one field.
enum DecodedValue: Equatable, CustomStringConvertible {
    case number(UInt64)
    case bytes([UInt8])
    case message(DecodedMessage)

    /// Whether the field might as well not have been sent.
    var isDefault: Bool {
        switch self {
        case .number(let number): number == 0
        case .bytes(let bytes): bytes.isEmpty
        case .message: false
        }
    }

    var description: String {
        switch self {
        case .number(let number): return "\(number)"
        case .message(let message): return message.description
        case .bytes(let bytes):
            guard bytes.count <= 300 else { return "\(bytes.count) bytes" }
            return String(validating: bytes, as: UTF8.self).map { "\"\($0)\"" } ?? "\(bytes)"
        }
    }
}

/// Walks over the fields of an encoded message.
private struct FieldReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    mutating func next() throws -> (UInt64, DecodedValue)? {
        guard !rest.isEmpty else { return nil }
        let tag = try varint()
        switch tag & 7 {
        case 0: return (tag >> 3, .number(try varint()))
        case 1: return (tag >> 3, .number(littleEndian(try take(8))))
        case 2: return (tag >> 3, .bytes(Array(try take(try varint()))))
        case 5: return (tag >> 3, .number(littleEndian(try take(4))))
        default: throw WireFault("sent a field of wire type \(tag & 7)")
        }
    }

    private mutating func varint() throws -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { throw WireFault("sent half a message") }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        throw WireFault("sent an endless number")
    }

    private mutating func take(_ count: UInt64) throws -> ArraySlice<UInt8> {
        guard count <= UInt64(rest.count) else { throw WireFault("sent half a message") }
        defer { rest = rest.dropFirst(Int(count)) }
        return rest.prefix(Int(count))
    }

    private func littleEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension [UInt8] {
    fileprivate mutating func append(varint value: UInt64) {
        var value = value
        while value >= 0x80 {
            append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        append(UInt8(value))
    }
}
