import NIOCore

/// Cuts a byte stream into frames.
///
/// All rules that the 12 fixed bytes can break are decided on them, before anything more is
/// buffered. A frame above the limits is told once and then skipped as its bytes come in. After a
/// fault the decoder swallows whatever follows.
struct FrameDecoder: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = FrameEvent

    /// Largest payload accepted, in bytes: what this side announced in HELLO.
    let payloadBytesMax: Int
    /// Whether the first frame is still to come, and has to be of a type that this version knows.
    private var awaitsHello: Bool

    private enum State {
        case head
        case body(FrameHead, FrameType)
        case skipping(Int)
        case dead
    }

    private var state = State.head

    init(payloadBytesMax: Int, awaitsHello: Bool = false) {
        self.payloadBytesMax = payloadBytesMax
        self.awaitsHello = awaitsHello
    }

    /// Whether a frame has begun and not ended; `held` are the bytes not decoded yet.
    func isWithinFrame(held: Int) -> Bool {
        switch state {
        case .head: held > 0
        case .body, .skipping: true
        case .dead: false
        }
    }

    /// Skips the rest of the frame whose body has begun; `held` of its bytes are there and dropped.
    ///
    /// - Returns: The frame's type and stream; `nil` between bodies.
    mutating func abandonFrame(held: Int) -> (FrameType, UInt32)? {
        guard case .body(let head, let type) = state else { return nil }
        state = .skipping(head.bodyLength - held)
        return (type, head.stream)
    }

    mutating func decode(buffer: inout ByteBuffer) -> FrameEvent? {
        while true {
            switch state {
            case .head:
                switch readHead(&buffer) {
                case .needsMore: return nil
                case .understood: continue
                case .event(let event): return event
                }
            case .body(let head, let type):
                guard buffer.readableBytes >= head.bodyLength else { return nil }
                state = .head
                return .frame(cut(head, type, from: &buffer))
            case .skipping(let left):
                let count = min(left, buffer.readableBytes)
                buffer.moveReaderIndex(forwardBy: count)
                state = left == count ? .head : .skipping(left - count)
                if left > count { return nil }
            case .dead:
                buffer.moveReaderIndex(to: buffer.writerIndex)
                return nil
            }
        }
    }

    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) -> FrameEvent? {
        // Half a frame at the end of the stream says no more than the end itself.
        decode(buffer: &buffer)
    }

    func shouldReclaimBytes(buffer: ByteBuffer) -> Bool {
        buffer.readerIndex > Limits.inboundBytesKept
    }

    private enum HeadStep {
        case needsMore
        case understood
        case event(FrameEvent)
    }

    private mutating func readHead(_ buffer: inout ByteBuffer) -> HeadStep {
        let start = buffer.readerIndex
        guard let head = FrameHead(&buffer) else {
            // The first byte alone tells another protocol.
            guard buffer.readableBytesView.first ?? 0 == 0 else {
                return .event(fail(.foreign(foreignProtocol(buffer.readableBytesView)), &buffer))
            }
            return .needsMore
        }
        guard head.length >> 24 == 0 else {
            buffer.moveReaderIndex(to: start)
            return .event(fail(.foreign(foreignProtocol(buffer.readableBytesView)), &buffer))
        }
        if let fault = head.lengthFault { return .event(fail(fault, &buffer)) }
        guard let type = FrameType(rawValue: head.type) else {
            guard head.type >= FrameType.firstExtension else {
                return .event(fail(.reservedType(head.type), &buffer))
            }
            guard !awaitsHello else {
                let guess = "the first frame is an extension, of type \(head.type)"
                return .event(fail(.foreign(guess), &buffer))
            }
            state = .skipping(head.bodyLength)
            return .understood
        }
        awaitsHello = false
        if let fault = head.fault(of: type) { return .event(fail(fault, &buffer)) }
        if head.headerLength > Limits.headerBytesMax || head.payloadLength > payloadBytesMax {
            state = .skipping(head.bodyLength)
            return .event(.oversize(type, stream: head.stream))
        }
        state = .body(head, type)
        return .understood
    }

    private func cut(_ head: FrameHead, _ type: FrameType, from buffer: inout ByteBuffer) -> Frame {
        let header = head.headerLength > 0 ? buffer.readSlice(length: head.headerLength) : nil
        let payload = head.payloadLength > 0 ? buffer.readSlice(length: head.payloadLength) : nil
        return Frame(
            type: type,
            flags: FrameFlags(rawValue: head.flags),
            stream: head.stream,
            header: header ?? ByteBuffer(),
            payload: payload ?? ByteBuffer()
        )
    }

    private mutating func fail(_ fault: FrameFault, _ buffer: inout ByteBuffer) -> FrameEvent {
        state = .dead
        buffer.moveReaderIndex(to: buffer.writerIndex)
        return .fault(fault)
    }
}
