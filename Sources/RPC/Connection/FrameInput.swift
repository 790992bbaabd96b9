import NIOCore

/// The bytes of a connection that came and are not decoded yet.
struct FrameInput {
    private var decoder: FrameDecoder
    private var buffer = ByteBuffer()

    init(payloadBytesMax: Int, awaitsHello: Bool = true) {
        decoder = FrameDecoder(payloadBytesMax: payloadBytesMax, awaitsHello: awaitsHello)
    }

    /// Whether a frame has begun that is not whole yet.
    var isWithinFrame: Bool { decoder.isWithinFrame(held: heldBytes) }

    /// Bytes that wait for the rest of their frame.
    var heldBytes: Int { buffer.readableBytes }

    /// All frames are cut off what came: the few bytes left must not keep a whole read's memory.
    mutating func settle() {
        if heldBytes > 0 { buffer = buffer.ofItsOwn }
    }

    /// Drops what came of an unfinished frame; the rest is skipped as it comes.
    ///
    /// - Returns: The frame's type and stream; `nil` if its head is not there yet.
    mutating func abandonFrame() -> (FrameType, UInt32)? {
        guard let frame = decoder.abandonFrame(held: heldBytes) else { return nil }
        buffer = ByteBuffer()
        return frame
    }

    /// More bytes came.
    mutating func append(_ bytes: ByteBuffer, allocator: ByteBufferAllocator) {
        guard heldBytes > 0 else {
            buffer = bytes
            return
        }
        var bytes = bytes
        // A buffer that frames were cut from is shared with them; growing it would copy it whole
        // each time. One that starts at its first byte is ours alone and grows by doubling.
        if buffer.readerIndex > 0 {
            var own = allocator.buffer(capacity: heldBytes + bytes.readableBytes)
            own.writeBuffer(&buffer)
            buffer = own
        }
        buffer.writeBuffer(&bytes)
    }

    /// The next whole frame, or what is wrong with the bytes; `nil`: more bytes are needed.
    mutating func next() -> FrameEvent? {
        guard heldBytes > 0 else { return nil }
        let event = decoder.decode(buffer: &buffer)
        // Whoever read the bytes wants to read into their memory again.
        if heldBytes == 0 { buffer = ByteBuffer() }
        return event
    }
}
