import NIOCore

/// A connection's outbound bytes: frames are encoded straight into one buffer, which leaves as one
/// piece with the next flush.
struct FrameWriter {
    private(set) var buffer: ByteBuffer

    /// An empty writer with room for a few frames.
    init(allocator: ByteBufferAllocator) {
        buffer = allocator.buffer(capacity: Limits.outboundBytesStart)
    }

    /// Whether there is nothing to flush.
    var isEmpty: Bool { buffer.readableBytes == 0 }

    /// Starts over after a flush, keeping the memory if it is not large and nobody else holds it.
    mutating func clear(allocator: ByteBufferAllocator) {
        if buffer.capacity > Limits.outboundBytesKept {
            buffer = allocator.buffer(capacity: Limits.outboundBytesStart)
        } else {
            buffer.clear()
        }
    }

    /// Writes a frame without header and payload.
    mutating func write(_ type: FrameType, _ flags: FrameFlags = [], stream: UInt32 = 0) {
        writeHead(length: 8, type, flags, headerLength: 0, stream: stream)
    }

    /// Writes a frame with a header alone.
    mutating func write(
        _ type: FrameType,
        _ flags: FrameFlags = [],
        stream: UInt32 = 0,
        header: [UInt8]
    ) {
        writeHead(
            length: 8 + header.count,
            type,
            flags,
            headerLength: header.count,
            stream: stream
        )
        buffer.writeBytes(header)
    }

    /// Writes PING or its answer.
    mutating func writePing(_ opaque: UInt64, isAnswer: Bool) {
        writeHead(length: 16, .ping, isAnswer ? .ack : [], headerLength: 0, stream: 0)
        buffer.writeInteger(opaque)
    }

    /// Gives the peer `bytes` of credit back.
    mutating func writeCredit(_ bytes: Int, stream: UInt32) {
        writeHead(length: 12, .credit, [], headerLength: 0, stream: stream)
        buffer.writeInteger(UInt32(bytes))
    }

    /// Writes a frame whose header and payload are encoded in place.
    ///
    /// `header` and `payload` append to the buffer; the peer accepts `payloadBytesMax` bytes.
    ///
    /// - Returns: The payload's size in bytes.
    /// - Throws: What the closures throw, or `FrameSizeError`; the buffer is then as it was before.
    @inline(__always)
    @discardableResult
    mutating func write(
        _ type: FrameType,
        _ flags: FrameFlags,
        stream: UInt32,
        payloadBytesMax: Int,
        header: (inout ByteBuffer) throws -> Void = { _ in },
        payload: (inout ByteBuffer) throws -> Void
    ) throws -> Int {
        let start = buffer.writerIndex
        do {
            writeHead(length: 8, type, flags, headerLength: 0, stream: stream)
            try header(&buffer)
            let headerBytes = buffer.writerIndex - start - Limits.headBytes
            try payload(&buffer)
            let payloadBytes = buffer.writerIndex - start - Limits.headBytes - headerBytes
            guard headerBytes <= Limits.headerBytesMax else {
                throw FrameSizeError.header(headerBytes)
            }
            guard payloadBytes <= min(payloadBytesMax, Limits.messageBytesMax) else {
                throw FrameSizeError.payload(payloadBytes, max: payloadBytesMax)
            }
            let lengths = headWord(8 + headerBytes + payloadBytes, type, flags, headerBytes)
            buffer.setInteger(lengths, at: start)
            return payloadBytes
        } catch {
            buffer.moveWriterIndex(to: start)
            throw error
        }
    }

    private mutating func writeHead(
        length: Int,
        _ type: FrameType,
        _ flags: FrameFlags,
        headerLength: Int,
        stream: UInt32
    ) {
        let lengths = headWord(length, type, flags, headerLength)
        // In one step: each one on a `ByteBuffer` has its price, and this is for every frame.
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Limits.headBytes) { memory in
            memory.storeBytes(of: lengths.bigEndian, as: UInt64.self)
            memory.storeBytes(of: stream.bigEndian, toByteOffset: 8, as: UInt32.self)
            return Limits.headBytes
        }
    }

    /// The first 8 bytes of a frame as one number.
    private func headWord(
        _ length: Int,
        _ type: FrameType,
        _ flags: FrameFlags,
        _ headerLength: Int
    ) -> UInt64 {
        UInt64(length) << 32 | UInt64(type.rawValue) << 24 | UInt64(flags.rawValue) << 16
            | UInt64(headerLength)
    }
}

/// A frame that this side would write is larger than the peer accepts.
enum FrameSizeError: Error, Equatable {
    case header(Int)
    case payload(Int, max: Int)

    /// The error that the application sees instead of a frame that the peer would refuse.
    var rpcError: RPCError {
        switch self {
        case .header(let size):
            RPCError(
                .resourceExhausted,
                "The call's metadata or error details take \(size) bytes; "
                    + "\(Limits.headerBytesMax) fit."
            )
        case .payload(let size, let max):
            RPCError(
                .resourceExhausted,
                "The message takes \(size) bytes; the other side accepts \(max)."
            )
        }
    }
}
