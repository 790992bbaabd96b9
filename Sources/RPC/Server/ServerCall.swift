import NIOCore
import Synchronization

/// One call on a server: what its handler and its connection know of each other.
///
/// Safety: everything mutable is touched on the connection's event loop only; what handlers call
/// from elsewhere hops there first.
final class ServerCall: CallFacts, MessageReceiver, MessageSender, @unchecked Sendable {
    let eventLoop: any EventLoop
    let stream: UInt32
    let slot: Int
    let method: BoundMethod
    /// The message that came with REQUEST, until the handler takes it.
    private var first: ByteBuffer?
    var inbox = Inbox() {
        didSet { countUnread() }
    }
    var gate = SendGate()
    /// What runs the handler, from its start until it has returned.
    var lane: HandlerLane?
    /// Whether the handler was started.
    var hasBegun = false
    /// Whether the call waits for others to end before its handler starts.
    var isWaiting = false {
        didSet {
            if isWaiting { first = first?.ofItsOwn }
            countUnread()
        }
    }
    /// When its bytes were read from the socket.
    let readAt: NIODeadline
    /// When its frame was cut from them.
    let cutAt: NIODeadline
    /// When the handler was started.
    var startedAt: NIODeadline
    /// When the call was answered, or ended otherwise.
    private(set) var answeredAt: NIODeadline?
    /// What decoding a large request took.
    private(set) var decodeTime = TimeAmount.zero
    /// What encoding a large answer took, or a slow one.
    private var encodeTime = TimeAmount.zero
    /// Payload of the client's messages, in bytes.
    var receivedBytes: Int
    /// Payload of the server's messages, in bytes.
    var sentBytes = 0

    private let isRequestEnded: Bool
    /// What the metadata takes up for as long as the call lasts, in bytes, if that is much.
    private let metadataBytes: Int
    /// `nil` once the handler has returned.
    private(set) var connection: ServerConnection?
    /// Why the call has ended on the wire; `nil` while it has not.
    private(set) var ending: RPCError?
    private var isAnswered = false
    /// What waits for the handler, as the connection knows it.
    private(set) var unreadBytes = 0
    private let lastTicket = Atomic<UInt64>(0)

    init(
        _ connection: ServerConnection,
        slot: Int,
        _ incoming: consuming IncomingCall,
        peer: PeerIdentity
    ) {
        eventLoop = connection.eventLoop
        self.connection = connection
        self.slot = slot
        stream = incoming.stream
        method = incoming.method
        first = incoming.first
        isRequestEnded = incoming.isEnded
        readAt = incoming.readAt
        cutAt = incoming.cutAt
        startedAt = incoming.cutAt
        receivedBytes = incoming.first?.readableBytes ?? 0
        metadataBytes = incoming.metadataBytes
        super.init(
            descriptor: incoming.method.descriptor,
            peer: peer,
            metadata: incoming.metadata,
            deadline: incoming.deadline,
            traceContext: incoming.traceContext,
            attempt: incoming.attempt
        )
        if metadataBytes > 0 { countUnread() }
    }

    /// What the handler knows of the call.
    var context: CallContext { CallContext(self) }

    func nextTicket() -> UInt64 { lastTicket.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Runs the handler, whose answer or error ends the call; `returned` is to follow.
    func handle() async {
        do {
            if method.tracer == nil, traceContext.isEmpty {
                try await method.handler(self)
            } else {
                try await withTrace(of: context, method.tracer, outcome: { ending }) {
                    try await method.handler(self)
                }
            }
        } catch {
            fail(error)
        }
    }

    /// The one message of a call without a request stream; the call keeps it no longer.
    ///
    /// To be called before the handler first waits.
    func takeFirst() -> ByteBuffer {
        eventLoop.assertInEventLoop()
        defer { first = nil }
        return first ?? ByteBuffer()
    }

    /// Decodes the one message of a call without a request stream.
    func request<Message: ProtobufMessage>() throws(RPCError) -> Message {
        do {
            let payload = takeFirst()
            guard payload.readableBytes >= Limits.timedMessageBytes else {
                return try Message(decoding: payload)
            }
            let begin = eventLoop.now
            let message = try Message(decoding: payload)
            decodeTime = eventLoop.now - begin
            return message
        } catch {
            var fault = RPCError(decoding: error)
            fault.isNotProcessed = true
            end(fault)
            throw fault
        }
    }

    /// Makes the message of REQUEST the first of the request stream.
    ///
    /// To be called before the handler first waits, so that no other message is before it.
    func beginRequestStream() {
        eventLoop.assertInEventLoop()
        if let first { deliver(first, isCounted: false) }
        first = nil
        if isRequestEnded { inbox.finish() }
    }

    /// Answers OK with a message.
    func respond(_ message: some ProtobufMessage) {
        if eventLoop.inEventLoop {
            answer { buffer in try message.encode(into: &buffer) }
        } else {
            eventLoop.execute { self.answer { buffer in try message.encode(into: &buffer) } }
        }
    }

    /// Answers OK with an encoded message, or with none.
    func respond(payload: ByteBuffer?) {
        eventLoop.perform {
            if let payload {
                self.answer { buffer in buffer.writeImmutableBuffer(payload) }
            } else {
                self.answer(hasMessage: false) { _ in }
            }
        }
    }

    /// Answers with an error, whatever the handler does, and cancels it.
    func end(_ error: RPCError) {
        eventLoop.perform { self.close(error, tellPeer: true) }
    }

    private func fail(_ error: any Error) {
        let answer: RPCError
        switch error {
        case let failure as any RPCFailure:
            var known = failure.rpcError
            // Another server's word that it did nothing says nothing of what this handler did.
            if !method.isPassThrough { known.isNotProcessed = false }
            answer = known
        case is CancellationError:
            answer = RPCError(.cancelled, "The call was cancelled.")
        default:
            eventLoop.perform { self.failUnexpectedly(error) }
            return
        }
        eventLoop.perform { self.close(answer, tellPeer: true) }
    }

    private func failUnexpectedly(_ error: any Error) {
        guard isOpen, let connection else { return }
        close(connection.internalError(error, in: self), tellPeer: true)
    }
}

/// On the event loop.
extension ServerCall {
    func consumed(_ bytes: Int) {
        connection?.consumed(self, bytes)
    }

    func trySend(_ encode: (inout ByteBuffer) throws -> Void) throws -> Bool {
        if let ending { throw ending }
        guard let connection, !isAnswered else {
            throw RPCError(.failedPrecondition, "The call is answered already.")
        }
        return try connection.send(self, encode)
    }

    /// The stream has ended, by the peer's or by our will: whatever waits is woken, and the handler
    /// cancelled.
    func close(_ error: RPCError, tellPeer: Bool) {
        guard isOpen else { return }
        var error = error
        if isWaiting { error.isNotProcessed = true }
        ending = error
        let now = eventLoop.now
        answeredAt = now
        if tellPeer { connection?.answer(self, error) }
        if now - readAt >= slowAfter { noteSlow() }
        inbox.fail(error)
        gate.close(error)
        lane?.cancel()
        if isWaiting {
            isWaiting = false
            connection?.loop.forget(self)
            returned()
        }
    }

    /// Ends the call because it holds too much.
    func shed(_ error: RPCError) {
        close(error, tellPeer: true)
        inbox.drop(error)
    }

    /// Whether the call has neither been answered nor ended otherwise.
    private var isOpen: Bool { ending == nil && !isAnswered }

    private func countUnread() {
        let waiting = isWaiting ? (first?.readableBytes ?? 0) + Limits.messageOverheadBytes : 0
        let metadata = isOpen ? metadataBytes : 0
        let change = inbox.bytes + waiting + metadata - unreadBytes
        guard change != 0 else { return }
        unreadBytes += change
        connection?.unreadChanged(by: change)
    }

    private func answer(
        hasMessage: Bool = true,
        _ encode: (inout ByteBuffer) throws -> Void
    ) {
        guard isOpen, let connection else { return }
        do {
            let now = eventLoop.now
            let bytes = try connection.answer(self, hasMessage: hasMessage, encode)
            isAnswered = true
            answeredAt = now
            sentBytes += bytes
            var total = now - readAt
            if bytes >= Limits.timedMessageBytes || total >= slowAfter {
                encodeTime = eventLoop.now - now
                total = total + encodeTime
            }
            if total >= slowAfter { noteSlow() }
        } catch let error as FrameSizeError {
            close(error.rpcError, tellPeer: true)
        } catch {
            failUnexpectedly(error)
        }
    }

    /// The handler has returned, or is not started at all.
    func returned() {
        guard let connection else { return }
        if isOpen {
            // A handler that neither answered nor threw would leave its caller waiting.
            close(RPCError(.internal, "Internal error."), tellPeer: true)
        }
        if unreadBytes > 0 {
            inbox.drop(RPCError(.cancelled, "The handler has returned."))
        }
        self.connection = nil
        lane = nil
        connection.finished(self)
    }
}

/// Where the time went.
extension ServerCall {
    private var slowAfter: TimeAmount { connection?.loop.slowAfter ?? .zero }

    /// The stages so far, without the flush.
    var times: CallTimes {
        var times = CallTimes()
        times.read = cutAt - readAt
        let end = answeredAt ?? eventLoop.now
        guard hasBegun else {
            times.queue = end - cutAt
            return times
        }
        times.queue = startedAt - cutAt
        times.decode = decodeTime
        times.handler = end - startedAt - decodeTime
        times.encode = encodeTime
        return times
    }

    /// What observers hear.
    var report: CallReport {
        CallReport(
            code: ending?.code,
            times: times,
            receivedBytes: receivedBytes,
            sentBytes: sentBytes
        )
    }

    /// Keeps the call for introspection once its answer is flushed.
    ///
    /// Streams may well last; only unary calls are slow.
    private func noteSlow() {
        guard method.descriptor.kind == .unary, let connection else { return }
        connection.unflushedSlow.append(
            SlowCallRecord(
                method: method,
                peer: peer,
                code: ending?.code,
                answeredAt: answeredAt ?? eventLoop.now,
                times: times,
                receivedBytes: receivedBytes,
                sentBytes: sentBytes
            )
        )
        connection.scheduleFlush()
    }
}
