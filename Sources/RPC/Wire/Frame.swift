import NIOCore

/// The frame types that this version knows; 10 to 127 are reserved, 128 to 255 are extensions.
enum FrameType: UInt8 {
    case hello = 1
    case request = 2
    case response = 3
    case message = 4
    case reset = 5
    case credit = 6
    case ping = 7
    case drain = 8
    case goAway = 9

    /// The first type number that a peer skips if it does not know it.
    static let firstExtension: UInt8 = 128

    /// Whether frames of this type speak of the whole connection and so carry stream 0.
    var isForConnection: Bool {
        switch self {
        case .hello, .ping, .drain, .goAway: true
        case .request, .response, .message, .reset, .credit: false
        }
    }

    /// The flags that the type takes.
    var flags: FrameFlags {
        switch self {
        case .request: [.end, .message, .idempotent]
        case .response: [.message, .notProcessed]
        case .message: [.end, .message]
        case .reset: .notProcessed
        case .ping, .drain: .ack
        case .hello, .credit, .goAway: []
        }
    }

    /// How many payload bytes frames of this type have; `nil` if they vary.
    var payloadBytes: Int? {
        switch self {
        case .request, .response, .message: nil
        case .credit: 4
        case .ping: 8
        case .hello, .reset, .drain, .goAway: 0
        }
    }
}

/// The flags of a frame.
struct FrameFlags: OptionSet, Sendable {
    let rawValue: UInt8

    /// The sender sends no more messages on this stream.
    static let end = FrameFlags(rawValue: 0x01)
    /// The payload is a message, even if it has 0 bytes.
    static let message = FrameFlags(rawValue: 0x02)
    /// No handler saw the call; it is safe to try again.
    static let notProcessed = FrameFlags(rawValue: 0x04)
    /// The answer to PING or DRAIN.
    static let ack = FrameFlags(rawValue: 0x08)
    /// Trying again is harmless.
    static let idempotent = FrameFlags(rawValue: 0x10)
}

/// One whole frame; `header` and `payload` share the memory that the socket was read into.
struct Frame: Equatable {
    var type: FrameType
    var flags: FrameFlags = []
    var stream: UInt32 = 0
    var header = ByteBuffer()
    var payload = ByteBuffer()
}

/// What the decoder finds in the bytes.
enum FrameEvent: Equatable {
    case frame(Frame)
    /// A frame whose header or payload is above the limit; its bytes are being skipped.
    case oversize(FrameType, stream: UInt32)
    /// Bytes that break the rules of framing; nothing after them can be understood.
    case fault(FrameFault)
}

/// Why the bytes cannot be understood.
enum FrameFault: Error, Equatable {
    /// The first byte of a frame is not 0; the guess at what it is is for the log.
    case foreign(String)
    /// `length` leaves no room for the fixed part.
    case shortLength(Int)
    /// `headerLength` is more than the frame holds.
    case headerBeyondFrame(Int)
    /// A type between 10 and 127, or 0.
    case reservedType(UInt8)
    /// A flag that the type does not take.
    case flags(FrameType, UInt8)
    /// A connection's frame on a stream, or a stream's frame on stream 0.
    case streamOfType(FrameType, UInt32)
    /// PING, CREDIT or a type without payload with another number of payload bytes.
    case payloadSize(FrameType, Int)
    /// A connection's frame with a header above the limit.
    case headerSize(FrameType, Int)

    /// A sentence for GOAWAY and the log.
    var text: String {
        switch self {
        case .foreign(let guess): "The bytes are not pass-rpc/1 frames: \(guess)."
        case .shortLength(let length): "A frame's length is \(length), below 8."
        case .headerBeyondFrame(let length): "A header of \(length) bytes does not fit its frame."
        case .reservedType(let type): "Frame type \(type) is reserved."
        case .flags(let type, let flags): "A \(type) frame does not take the flags \(flags)."
        case .streamOfType(let type, let stream): "A \(type) frame on stream \(stream)."
        case .payloadSize(let type, let size): "A \(type) frame with a payload of \(size) bytes."
        case .headerSize(let type, let size): "A \(type) frame with a header of \(size) bytes."
        }
    }
}
