import NIOCore

@testable import RPC

/// A frame put together from choices; most are right, so that what comes behind them is reached.
struct ChosenFrame {
    /// What the header is.
    enum Header: Equatable {
        case none
        case garbage
        case status(UInt32)
        case hello(magic: UInt32, version: UInt32, window: Int, streams: Int)
        case request(path: String, timeout: UInt64)
    }

    var type: UInt8
    var flags: UInt8
    var stream: UInt32
    var header: Header
    var payload: [UInt8]

    /// Whether it has a header at all.
    var hasHeader: Bool { !headerBytes.isEmpty }

    init(_ choices: inout Choices, nextID: UInt32) {
        let first = choices.byte()
        // Half of all frames are REQUEST or MESSAGE.
        type = [2, 2, 2, 4, 4, 4, 4, 4, 1, 3, 5, 6, 6, 7, 8, 9][Int(first & 15)]
        if first == 0xff { type = choices.byte() & 0x7f }
        let kind = FrameType(rawValue: type)
        let chosen = choices.byte()
        let allowed = kind?.flags.rawValue ?? 0
        flags = chosen & 0xe0 == 0xe0 ? chosen & 0x1f : chosen & allowed
        stream = Self.stream(&choices, kind, nextID: nextID)
        header = Self.header(&choices, kind)
        payload = Self.payload(&choices, kind, flags: flags)
    }

    /// Mostly the next id for REQUEST, and one of the last for others.
    private static func stream(
        _ choices: inout Choices,
        _ kind: FrameType?,
        nextID: UInt32
    ) -> UInt32 {
        let choice = choices.byte()
        if choice >= 0xf8 {
            return [0, 1, 2, 3, 1 << 31 - 1, 1 << 31, 1 << 31 + 1, .max][Int(choice & 7)]
        }
        guard kind?.isForConnection != true else { return 0 }
        guard kind == .request else {
            return nextID > 2 * UInt32(choice & 7) + 2 ? nextID - 2 * UInt32(choice & 7) - 2 : 1
        }
        return nextID < 1 << 31 - 20 ? nextID + 2 * UInt32(choice >> 6) : nextID
    }

    private static func header(_ choices: inout Choices, _ kind: FrameType?) -> Header {
        let choice = choices.byte()
        if choice >= 0xf0 { return .garbage }
        switch kind {
        case .request:
            let path = [
                "t/Unary", "t/Server", "t/Client", "t/Bidi", "t/Endless", "t/Nope", "u/Unary",
            ]
            return .request(
                path: path[Int(choice & 15) % path.count],
                timeout: choice & 16 == 0 ? 0 : UInt64(choices.below(60_000)) * 1_000 + 1_000
            )
        case .reset, .goAway, .response: return choice < 100 ? .none : .status(UInt32(choice & 31))
        case .hello:
            return .hello(
                magic: choice & 7 == 7 ? 1 : Announcement.magic,
                version: choice & 0x38 == 0x38 ? 2 : 1,
                window: choices.below(4) * 300_000,
                streams: choices.below(300)
            )
        default: return .none
        }
    }

    private static func payload(
        _ choices: inout Choices,
        _ kind: FrameType?,
        flags: UInt8
    ) -> [UInt8] {
        let choice = choices.byte()
        if let size = kind?.payloadBytes {
            guard choice < 0xf8 else { return Array(repeating: 0, count: Int(choice & 7)) }
            guard kind == .credit else { return Array(repeating: choice, count: size) }
            let bytes: UInt32 =
                switch choice {
                case 0..<8: 0
                case 8..<16: UInt32(Int32.max) - UInt32(choice)
                default: UInt32(choice) * 100
                }
            return withUnsafeBytes(of: bytes.bigEndian) { Array($0) }
        }
        guard flags & FrameFlags.message.rawValue != 0 || choice >= 0xf0 else { return [] }
        return Array(repeating: 7, count: Int(choice) * 5)
    }

    private var headerBytes: [UInt8] {
        switch header {
        case .none: return []
        case .garbage: return [0xff]
        case .status(let code):
            return code == 0 ? [0x12, 1, 0x61] : [0x08, UInt8(code)]
        case .hello(let magic, let version, let window, let streams):
            let hello = WireHello(
                magic: magic,
                version: version,
                maxStreams: UInt32(streams),
                streamWindowBytes: UInt32(window)
            )
            return (try? hello.serializedBytes()) ?? []
        case .request(let path, let timeout):
            var buffer = ByteBuffer()
            buffer.writeRequestHead(
                path: path,
                timeoutMicroseconds: timeout,
                metadata: Metadata()
            )
            return Array(buffer.readableBytesView)
        }
    }

    /// The frame on the wire.
    var bytes: ByteBuffer {
        var bytes = ByteBuffer()
        let header = headerBytes
        bytes.writeInteger(UInt32(8 + header.count + payload.count))
        bytes.writeMultipleIntegers(type, flags, UInt16(header.count), stream)
        bytes.writeBytes(header)
        bytes.writeBytes(payload)
        return bytes
    }
}
