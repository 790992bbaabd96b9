import NIOCore

/// The fixed 12 bytes before header and payload.
struct FrameHead: Equatable {
    /// Bytes that follow the length field.
    var length: Int
    var type: UInt8
    var flags: UInt8
    var headerLength: Int
    var stream: UInt32

    /// Bytes of the payload; meaningful once `fault` found the lengths to be right.
    var payloadLength: Int { length - 8 - headerLength }

    /// Bytes of header and payload together.
    var bodyLength: Int { length - 8 }

    /// Reads the fixed part, if all of it is there.
    init?(_ buffer: inout ByteBuffer) {
        guard
            let (length, type, flags, headerLength, stream) = buffer.readMultipleIntegers(
                as: (UInt32, UInt8, UInt8, UInt16, UInt32).self
            )
        else { return nil }
        self.length = Int(length)
        self.type = type
        self.flags = flags
        self.headerLength = Int(headerLength)
        self.stream = stream
    }

    /// Whether the length fields contradict each other.
    var lengthFault: FrameFault? {
        if length >= Limits.frameLengthEnd { return .foreign("a length of \(length)") }
        if length < 8 { return .shortLength(length) }
        if headerLength > length - 8 { return .headerBeyondFrame(headerLength) }
        return nil
    }

    /// Whether flags, stream or payload size are not what `type` takes.
    func fault(of type: FrameType) -> FrameFault? {
        guard flags & ~type.flags.rawValue == 0 else { return .flags(type, flags) }
        guard type.isForConnection == (stream == 0) else { return .streamOfType(type, stream) }
        if let expected = type.payloadBytes, expected != payloadLength {
            return .payloadSize(type, payloadLength)
        }
        if type.isForConnection, headerLength > Limits.headerBytesMax {
            return .headerSize(type, headerLength)
        }
        return nil
    }
}

/// Says what a first byte other than 0 looks like, so that a log reader finds the stray client.
func foreignProtocol(_ bytes: ByteBufferView) -> String {
    switch bytes.first {
    case 0x16: return "this looks like a TLS handshake, where TLS is over or not expected"
    case 0x14, 0x15, 0x17: return "this looks like a TLS record"
    default: break
    }
    let start = bytes.prefix(8)
    for method in ["GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "OPTIONS ", "PATCH ", "CONNECT "]
    where start.starts(with: method.utf8) {
        return "this looks like an HTTP request (\(method.dropLast()))"
    }
    if start.starts(with: "PRI ".utf8) { return "this looks like HTTP/2" }
    if start.starts(with: "HTTP".utf8) { return "this looks like an HTTP answer" }
    if start.starts(with: "SSH-".utf8) { return "this looks like SSH" }
    guard let first = bytes.first else { return "an unknown protocol" }
    return "the first byte is 0x\(String(first, radix: 16)), not 0"
}
