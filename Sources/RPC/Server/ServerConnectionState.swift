import NIOCore

/// What a server knows of one connection: a value that frames, times and handlers change, and that
/// says what to do about it.
///
/// It touches no channel.
///
/// Source: `proto/PROTOCOL.md`; the rows of its fault table are decided here and in `FrameDecoder`.
struct ServerConnectionState {
    enum Phase: Equatable {
        /// Nothing came yet; the peer has until then for its HELLO.
        case awaitingHello(until: NIODeadline)
        case open
        /// DRAIN is written; the peer has until then for its answer.
        case draining(until: NIODeadline)
        /// The peer opens no more streams; once the last has ended, so does the connection.
        case drained
        /// Nothing that comes is read any more.
        case ended
    }

    /// One call, from its REQUEST until its handler has returned.
    struct Stream {
        let id: UInt32
        /// When the caller stops waiting; `distantFuture` for a call without end.
        let deadline: NIODeadline
        /// Whether the stream is on the wire; when it is not, only its handler is still there.
        var isOpen = true
        /// Whether the client has sent its last message.
        var isRequestEnded: Bool
        var credits: Credits
        /// Messages of MESSAGE frames that the handler has not taken.
        var unread = 0
    }

    let methods: MethodTable
    let own: Announcement
    var peer = Announcement()
    var phase: Phase
    var streams = StreamTable<Stream>()
    var keepalive: Keepalive
    /// The highest stream id that came.
    ///
    /// Ids rise, so every lower one was opened or never will be.
    var highestID: UInt32 = 0
    /// REQUESTs that came, whatever became of them.
    var requests = 0
    var resetFlood = ResetFlood()
    /// When a frame that has begun must go on; `distantFuture` between frames.
    var frameLimit = NIODeadline.distantFuture
    /// No stream has a deadline before this.
    var earliestDeadline = NIODeadline.distantFuture
    /// When a drain stops waiting for handlers.
    var drainLimit = NIODeadline.distantFuture

    init(methods: MethodTable, own: Announcement, now: NIODeadline) {
        self.methods = methods
        self.own = own
        phase = .awaitingHello(until: now + TimeAmount(Limits.helloTimeout))
        keepalive = Keepalive(now: now)
    }

    /// The transport is ready: the time for the client's HELLO runs from now.
    mutating func started(at now: NIODeadline) {
        guard case .awaitingHello = phase else { return }
        phase = .awaitingHello(until: now + TimeAmount(Limits.helloTimeout))
    }

    /// Takes what the decoder found and says what to do about it.
    ///
    /// Deadlines count from `readAt`, when the bytes were read from the socket.
    mutating func receive(
        _ event: consuming FrameEvent,
        readAt: NIODeadline,
        now: NIODeadline
    ) -> ServerAction {
        switch phase {
        case .ended: return .none
        case .awaitingHello: return receiveFirst(event)
        case .open, .draining, .drained: break
        }
        switch event {
        case .frame(let frame): return receive(frame, readAt: readAt, now: now)
        case .oversize(let type, let stream):
            return oversize(
                type,
                stream,
                "The message or header is larger than \(own.messageBytes) or "
                    + "\(Limits.headerBytesMax) bytes."
            )
        case .fault(let fault): return end(.internal, fault.text)
        }
    }

    private mutating func receive(
        _ frame: Frame,
        readAt: NIODeadline,
        now: NIODeadline
    ) -> ServerAction {
        switch frame.type {
        case .request: request(frame, readAt: readAt, now: now)
        case .message: message(frame)
        case .credit: credit(frame)
        case .reset: reset(frame, now: now)
        case .ping: ping(frame, now: now)
        case .drain: drain(frame)
        case .goAway: goAway(frame)
        case .hello: end(.internal, "A second HELLO.")
        case .response: end(.internal, "A response frame from a client.")
        }
    }

    private mutating func receiveFirst(_ event: FrameEvent) -> ServerAction {
        switch event {
        case .fault(.foreign(let guess)):
            return close("The peer does not speak pass-rpc/1: \(guess).")
        case .fault(let fault): return end(.internal, fault.text)
        case .oversize: return close("The first frame is not HELLO.")
        case .frame(let frame):
            guard frame.type == .hello else { return close("The first frame is not HELLO.") }
            do {
                peer = try Announcement(decoding: frame.header)
                phase = .open
                return .hello
            } catch {
                switch error {
                case .magic: return close("The peer's HELLO has another magic number.")
                case .undecodable: return end(.internal, "HELLO does not decode.")
                case .version(let version):
                    return end(
                        .failedPrecondition,
                        "Version \(version) is unknown; this server speaks \(Announcement.version)."
                    )
                }
            }
        }
    }

    /// A connection fault: GOAWAY, flush, close.
    mutating func end(_ code: RPCError.Code, _ text: String) -> ServerAction {
        phase = .ended
        return .goAway(RPCError(code, text))
    }

    private mutating func close(_ reason: String) -> ServerAction {
        phase = .ended
        return .close(reason)
    }

    private mutating func request(
        _ frame: Frame,
        readAt: NIODeadline,
        now: NIODeadline
    ) -> ServerAction {
        let id = frame.stream
        guard id & 1 == 1, id > highestID, id <= Limits.streamIDLast else {
            return end(.internal, "REQUEST with id \(id) after \(highestID).")
        }
        highestID = id
        requests += 1
        guard phase != .drained else { return refuse(id, .unavailable, "The server is stopping.") }
        guard streams.count < own.streams else {
            return refuse(id, .unavailable, "More than \(own.streams) calls on one connection.")
        }
        let head: RequestHead
        do {
            head = try RequestHead(decoding: frame.header)
        } catch {
            return refuse(id, .invalidArgument, "The REQUEST header is wrong: \(error)")
        }
        let hasMessage = frame.flags.contains(.message)
        let isEnded = frame.flags.contains(.end)
        guard hasMessage || frame.payload.readableBytes == 0 else {
            return refuse(id, .internal, "A payload without the MESSAGE flag.")
        }
        guard let method = methods.method(of: head) else {
            return .answer(id, methods.unknown(head.path))
        }
        guard method.descriptor.kind.clientStreams || hasMessage && isEnded else {
            return refuse(id, .internal, "This method takes exactly one message.")
        }
        let deadline = deadline(head.timeoutMicroseconds, method.descriptor.timeout, readAt)
        guard deadline > now else {
            return .answer(
                id,
                RPCError(
                    .deadlineExceeded,
                    "The deadline had passed before the call was started.",
                    isNotProcessed: true
                )
            )
        }
        keepalive.streamOpened(at: readAt, isOnlyOne: streams.openCount == 0)
        earliestDeadline = min(earliestDeadline, deadline)
        let slot = streams.open(
            id,
            Stream(
                id: id,
                deadline: deadline,
                isRequestEnded: isEnded,
                credits: Credits(toSend: peer.windowBytes, window: own.windowBytes)
            )
        )
        return .start(
            slot,
            IncomingCall(
                stream: id,
                method: method,
                metadata: head.metadata,
                traceContext: head.traceContext,
                attempt: head.attempt,
                metadataBytes: head.uncommonBytes,
                first: hasMessage ? frame.payload : nil,
                isEnded: isEnded,
                deadline: deadline == .distantFuture ? nil : deadline,
                readAt: readAt,
                cutAt: now
            )
        )
    }

    private static let microsecondsMax = Limits.callTimeoutMax.microseconds

    private func deadline(
        _ microseconds: UInt64,
        _ limit: Duration?,
        _ readAt: NIODeadline
    ) -> NIODeadline {
        if microseconds == 0 {
            guard let limit else { return .distantFuture }
            return readAt + TimeAmount(min(limit, Limits.callTimeoutMax))
        }
        return readAt + .microseconds(Int64(min(microseconds, Self.microsecondsMax)))
    }

    private func refuse(_ id: UInt32, _ code: RPCError.Code, _ text: String) -> ServerAction {
        .reset(id, RPCError(code, text, isNotProcessed: true))
    }

    /// A frame that is not taken in, as `text` says; its bytes are skipped.
    mutating func oversize(_ type: FrameType, _ id: UInt32, _ text: String) -> ServerAction {
        guard type == .request else {
            guard type == .message || type == .reset || type == .credit else {
                return end(.internal, "A \(type) frame from a client.")
            }
            return onStream(id) { state, slot in
                state.fault(slot, .resourceExhausted, text)
            }
        }
        guard id & 1 == 1, id > highestID, id <= Limits.streamIDLast else {
            return end(.internal, "REQUEST with id \(id) after \(highestID).")
        }
        highestID = id
        requests += 1
        return refuse(id, .resourceExhausted, text)
    }
}

/// What to do about what came.
enum ServerAction {
    case none
    /// The peer's HELLO came.
    case hello
    /// Start the handler of a call whose stream is in this slot.
    case start(Int, IncomingCall)
    /// Hand over a message, or the end of the client's messages, or both.
    case message(Int, ByteBuffer?, isLast: Bool)
    /// More may be sent.
    case credit(Int)
    /// The stream ended; cancel the handler. With `tellPeer` RESET goes out.
    case cancel(Int, UInt32, RPCError, tellPeer: Bool)
    /// RESET a stream that has no slot.
    case reset(UInt32, RPCError)
    /// Answer a call without starting its handler.
    case answer(UInt32, RPCError)
    /// Answer a PING.
    case pong(UInt64)
    /// The client acknowledged DRAIN.
    case drained
    /// Send GOAWAY, flush and close.
    case goAway(RPCError)
    /// Close without a word; the reason is for the log.
    case close(String)
    /// The peer said GOAWAY.
    case peerLeft(RPCError?)
}

/// A REQUEST that is to be handled.
struct IncomingCall {
    let stream: UInt32
    let method: BoundMethod
    let metadata: Metadata
    /// 25 bytes of W3C trace context, or none.
    let traceContext: [UInt8]
    let attempt: UInt32
    /// What the header takes beyond what most calls send, in bytes; 0 for most.
    let metadataBytes: Int
    /// The message that came with REQUEST.
    let first: ByteBuffer?
    /// Whether no message follows.
    let isEnded: Bool
    let deadline: NIODeadline?
    /// When its bytes were read from the socket.
    let readAt: NIODeadline
    /// When its frame was cut from them, after those before it.
    let cutAt: NIODeadline
}
