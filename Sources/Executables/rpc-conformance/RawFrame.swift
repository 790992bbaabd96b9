import NIOCore

/// A frame as it is on the wire; written from `proto/PROTOCOL.md` alone.
///
/// Nothing here is shared with the stack under test, so that a mistake there is not repeated here.
struct RawFrame: Equatable {
    var type: UInt8
    var flags: UInt8 = 0
    var stream: UInt32 = 0
    var header: [UInt8] = []
    var payload: [UInt8] = []

    /// The bytes of the frame; a case may state other lengths than the true ones.
    func bytes(length: UInt32? = nil, headerLength: UInt16? = nil) -> [UInt8] {
        let total = length ?? UInt32(8 + header.count + payload.count)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(12 + header.count + payload.count)
        bytes.append(bigEndian: total)
        bytes.append(type)
        bytes.append(flags)
        bytes.append(bigEndian: headerLength ?? UInt16(truncatingIfNeeded: header.count))
        bytes.append(bigEndian: stream)
        bytes += header
        bytes += payload
        return bytes
    }

    /// Cuts the first frame off `buffer`; `nil` until all of it is there.
    ///
    /// - Throws: `WireFault` if the peer's bytes are no frame.
    static func cut(from buffer: inout ByteBuffer) throws -> RawFrame? {
        let start = buffer.readerIndex
        guard let length = buffer.getInteger(at: start, as: UInt32.self) else { return nil }
        guard length >= 8, length < 1 << 24 else {
            throw WireFault("sent a frame of length \(length)")
        }
        guard buffer.readableBytes >= Int(length) + 4 else { return nil }
        guard var body = buffer.readSlice(length: Int(length) + 4) else { return nil }
        body.moveReaderIndex(forwardBy: 4)
        guard let type = body.readInteger(as: UInt8.self),
            let flags = body.readInteger(as: UInt8.self),
            let headerLength = body.readInteger(as: UInt16.self),
            let stream = body.readInteger(as: UInt32.self),
            let header = body.readBytes(length: Int(headerLength))
        else { throw WireFault("sent a header beyond its frame") }
        let payload = body.readBytes(length: body.readableBytes) ?? []
        return RawFrame(
            type: type,
            flags: flags,
            stream: stream,
            header: header,
            payload: payload
        )
    }

    /// What a server may send, by type: whether it is for a stream, its flags, its payload's size.
    private static let rules: [UInt8: (isForStream: Bool, flags: UInt8, payload: Int?)] = [
        FrameName.hello: (false, 0, 0),
        FrameName.response: (true, 0x06, nil),
        FrameName.message: (true, 0x03, nil),
        FrameName.reset: (true, 0x04, 0),
        FrameName.credit: (true, 0, 4),
        FrameName.ping: (false, 0x08, 8),
        FrameName.drain: (false, 0, 0),
        FrameName.goAway: (false, 0, 0),
    ]

    /// Why a server must not send this frame; `nil` if it may.
    var fault: String? {
        guard type < 128 else { return nil }
        guard let rule = Self.rules[type] else { return "sent a frame of type \(type)" }
        if rule.isForStream == (stream == 0) { return "sent \(name) on stream \(stream)" }
        if flags & ~rule.flags != 0 { return "sent \(name) with the flags \(flags)" }
        if header.count > 16 * 1024 { return "sent a header of \(header.count) bytes" }
        if let size = rule.payload, size != payload.count {
            return "sent \(name) with \(payload.count) bytes of payload"
        }
        return nil
    }

    /// The frame's type, for messages.
    var name: String { FrameName.text(type) }
}

extension RawFrame: CustomStringConvertible {
    var description: String {
        var text = name
        if stream > 0 { text += " on stream \(stream)" }
        if flags > 0 { text += " [\(FlagName.text(flags))]" }
        if let shape = Shape.header(of: type), !header.isEmpty {
            text += " \((try? shape.decode(header)).map(\.description) ?? "undecodable")"
        }
        if !payload.isEmpty { text += ", \(payload.count) bytes of payload" }
        return text
    }
}

/// A peer breaks the protocol.
struct WireFault: Error, CustomStringConvertible {
    let description: String

    init(_ what: String) { description = "the server \(what)" }
}

/// The numbers of the frame types.
enum FrameName {
    static let hello: UInt8 = 1
    static let request: UInt8 = 2
    static let response: UInt8 = 3
    static let message: UInt8 = 4
    static let reset: UInt8 = 5
    static let credit: UInt8 = 6
    static let ping: UInt8 = 7
    static let drain: UInt8 = 8
    static let goAway: UInt8 = 9

    private static let names = [
        "HELLO", "REQUEST", "RESPONSE", "MESSAGE", "RESET", "CREDIT", "PING", "DRAIN", "GOAWAY",
    ]

    /// The type that a case names, or gives by its number.
    static func number(_ json: JSON) throws -> UInt8 {
        switch json {
        case .number(let number) where number < 256: return UInt8(number)
        case .text(let name):
            if let index = names.firstIndex(of: name) { return UInt8(index + 1) }
            fallthrough
        default: throw CaseFault("\(json) is no frame type")
        }
    }

    static func text(_ type: UInt8) -> String {
        names.indices.contains(Int(type) - 1) ? names[Int(type) - 1] : "type \(type)"
    }
}

/// The numbers of the flags.
enum FlagName {
    static let end: UInt8 = 0x01
    static let message: UInt8 = 0x02
    static let ack: UInt8 = 0x08

    private static let names = ["END", "MESSAGE", "NOT_PROCESSED", "ACK", "IDEMPOTENT"]

    /// The flags that a case lists, by name or as a number.
    static func number(_ list: [JSON]) throws -> UInt8 {
        try list.reduce(0) { flags, json in
            switch json {
            case .number(let number) where number < 256: return flags | UInt8(number)
            case .text(let name):
                if let index = names.firstIndex(of: name) { return flags | 1 << UInt8(index) }
                fallthrough
            default: throw CaseFault("\(json) is no flag")
            }
        }
    }

    static func text(_ flags: UInt8) -> String {
        names.enumerated().filter { flags & 1 << UInt8($0.offset) != 0 }.map(\.element)
            .joined(separator: ", ")
    }
}

extension [UInt8] {
    mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
