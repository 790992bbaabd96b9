import NIOCore

/// The bytes of a connection that came and are not decoded yet.
struct FrameInput {
    private var decoder: FrameDecoder
    private var buffer: ByteBuffer?

    init(payloadBytesMax: Int, awaitsHello: Bool = true) {
        decoder = FrameDecoder(payloadBytesMax: payloadBytesMax, awaitsHello: awaitsHello)
    }

    /// Whether a frame has begun that is not whole yet.
    var isWithinFrame: Bool { decoder.isWithinFrame(held: buffer?.readableBytes ?? 0) }

    /// Bytes that wait for the rest of their frame.
    var heldBytes: Int { buffer?.readableBytes ?? 0 }

    /// All frames are cut off what came: the few bytes left must not keep a whole read's memory.
    mutating func settle() {
        buffer = buffer?.ofItsOwn
    }

    /// Drops what came of an unfinished frame; the rest is skipped as it comes.
    ///
    /// - Returns: The frame's type and stream; `nil` if its head is not there yet.
    mutating func abandonFrame() -> (FrameType, UInt32)? {
        guard let frame = decoder.abandonFrame(held: heldBytes) else { return nil }
        buffer = nil
        return frame
    }

    /// More bytes came.
    mutating func append(_ bytes: ByteBuffer, allocator: ByteBufferAllocator) {
        guard var held = buffer else {
            buffer = bytes
            return
        }
        buffer = nil
        var bytes = bytes
        // A buffer that frames were cut from is shared with them; growing it would copy it whole
        // each time. One that starts at its first byte is ours alone and grows by doubling.
        if held.readerIndex > 0 {
            var own = allocator.buffer(capacity: held.readableBytes + bytes.readableBytes)
            own.writeBuffer(&held)
            held = own
        }
        held.writeBuffer(&bytes)
        buffer = held
    }

    /// The next whole frame, or what is wrong with the bytes; `nil`: more bytes are needed.
    mutating func next() -> FrameEvent? {
        guard var held = buffer else { return nil }
        buffer = nil
        let event = decoder.decode(buffer: &held)
        if held.readableBytes > 0 { buffer = held }
        return event
    }
}
