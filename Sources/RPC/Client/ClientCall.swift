import NIOCore
import Synchronization
import Tracing

/// One call of a client: what its caller and its connection know of each other.
///
/// Safety: everything mutable is touched on the event loop only; what callers do from elsewhere hops
/// there first.
class ClientCall: MessageReceiver, MessageSender, @unchecked Sendable {
    let loop: ClientLoop
    let eventLoop: any EventLoop
    let method: MethodDescriptor
    let metadata: Metadata
    let deadline: NIODeadline?
    let waitsForConnection: Bool
    /// What goes with REQUEST: 25 bytes of W3C trace context, or none.
    let traceContext: [UInt8]
    private let watch: ClientCallWatch?
    /// Payload of the caller's messages, in bytes.
    var sentBytes = 0
    /// Payload of the server's messages, in bytes.
    private var receivedBytes = 0
    private let retries: Bool
    /// Whether the call gets a second try beside the first if that takes long.
    let hedges: Bool
    var inbox = Inbox()
    var gate = SendGate()

    /// The encoded message of REQUEST, if it has one and no subclass knows it.
    private let payload: ByteBuffer?
    /// Whether the caller has sent all that it will.
    private(set) var isRequestEnded: Bool
    /// Set while the stream is open.
    private(set) var connection: ClientConnection?
    private(set) var slot = -1
    private(set) var stream: UInt32 = 0
    /// When REQUEST was written.
    private var openedAt = NIODeadline.uptimeNanoseconds(0)
    private var isEnded = false
    /// Tries before this one.
    private(set) var attempt: UInt32 = 0
    /// Where they went.
    private(set) var tried: [ClientEndpoint] = []
    /// Whether a handler may have seen one of them.
    private var mayBeProcessed = false
    /// The second try, while it is under way.
    var hedge: HedgeCall?
    /// Begins it.
    var hedgeTimer: Scheduled<Void>?
    /// What the first try came to, while the second is under way.
    private var heldError: RPCError?
    /// Whether a message of the server came.
    private var hasAnswer = false
    private let lastTicket = Atomic<UInt64>(0)

    /// A call that begins with `start`; one that is only another try of `original` is told to nobody
    /// as a call of its own.
    init(
        loop: ClientLoop,
        method: MethodDescriptor,
        payload: ByteBuffer?,
        options: CallOptions,
        deadline: NIODeadline?,
        original: ClientCall? = nil
    ) {
        self.loop = loop
        eventLoop = loop.eventLoop
        self.method = method
        self.payload = payload
        metadata = options.metadata
        self.deadline = deadline
        waitsForConnection = options.waitsForConnection
        watch = original == nil ? .begin(method, loop.configuration) : nil
        if let original {
            traceContext = original.traceContext
        } else if let tracer = loop.configuration.tracer, let watch {
            traceContext = watch.traceContext(by: tracer)
        } else {
            traceContext = ServiceContext.current?.traceContext?.bytes ?? []
        }
        // A client's stream cannot be said again.
        retries = options.retries && !method.kind.clientStreams
        hedges = options.hedges && method.isIdempotent && method.kind == .unary
        isRequestEnded = !method.kind.clientStreams
    }

    func nextTicket() -> UInt64 { lastTicket.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Whether REQUEST carries a message.
    var hasMessage: Bool { payload != nil }

    /// Appends the message of REQUEST.
    func encodeRequest(into buffer: inout ByteBuffer) throws {
        if let payload { buffer.writeImmutableBuffer(payload) }
    }

    /// Opens the call's stream, now or when there is room; every failure ends the call.
    func start() {
        if eventLoop.inEventLoop {
            loop.start(self)
        } else {
            eventLoop.execute { self.loop.start(self) }
        }
    }

    /// The server has ended the call: with an error, or with OK and perhaps a last message.
    ///
    /// Messages that came before can still be read. On the event loop.
    func end(_ error: RPCError?, _ payload: ByteBuffer?) {
        guard !isEnded else { return }
        if let payload { deliver(payload, isCounted: false) }
        if let error, triesAgain(after: error) { return }
        isEnded = true
        leaveConnection { Self.outcome(error, after: $0) }
        dropHedge()
        let reason = error.map(overAllTries)
        let received = receivedBytes + (payload?.readableBytes ?? 0)
        watch?.ended(reason, receivedBytes: received, sentBytes: sentBytes)
        inbox.finish(reason)
        gate.close(reason ?? Self.answeredAlready)
    }

    /// What a writer of messages sees that are no longer wanted; made once, since every call that
    /// goes well ends with it.
    private static let answeredAlready: any Error = RPCError(
        .cancelled,
        "The server has answered already."
    )

    /// The call is over, whatever might still be tried; on the event loop.
    func fail(_ error: any Error) {
        guard !isEnded else { return }
        isEnded = true
        let known = error as? RPCError
        leaveConnection { Self.outcome(known, after: $0) }
        dropHedge()
        let reason = known.map(overAllTries) ?? error
        watch?.ended(reason, receivedBytes: receivedBytes, sentBytes: sentBytes)
        inbox.fail(reason)
        gate.close(reason)
    }

    /// The caller sends no more messages.
    func finishRequests() {
        eventLoop.perform {
            guard !self.isRequestEnded, !self.isEnded else { return }
            self.isRequestEnded = true
            self.connection?.sendEnd(self)
        }
    }

    /// The caller wants no more of this call.
    ///
    /// If the call is still under way it ends with `error`, and the server is told.
    func leave(_ error: any Error) {
        eventLoop.perform { self.cancel(error) }
    }
}

/// On the event loop.
extension ClientCall {
    var isUnderWay: Bool { !isEnded }

    /// REQUEST is written.
    func opened(
        _ connection: ClientConnection,
        slot: Int,
        stream: UInt32,
        at now: NIODeadline
    ) {
        self.connection = connection
        openedAt = now
        self.slot = slot
        self.stream = stream
        gate.open()
    }

    func consumed(_ bytes: Int) {
        connection?.consumed(self, bytes)
    }

    /// A message of a stream came.
    func receive(_ payload: ByteBuffer) {
        if !hasAnswer {
            hasAnswer = true
            if let connection { loop.showedLife(connection.endpoint) }
        }
        receivedBytes += payload.readableBytes
        deliver(payload, isCounted: true)
    }

    func trySend(_ encode: (inout ByteBuffer) throws -> Void) throws -> Bool {
        if isEnded { throw RPCError(.cancelled, "The call has ended; it takes no more messages.") }
        if isRequestEnded {
            throw RPCError(.failedPrecondition, "The caller has finished sending messages.")
        }
        guard let connection else { return false }
        return try connection.send(self, encode)
    }

    /// The call's stream broke off.
    func breakOff(_ error: RPCError) {
        guard !isEnded, !triesAgain(after: error) else { return }
        fail(error)
    }

    private func triesAgain(after error: RPCError) -> Bool {
        guard let endpoint = connection?.endpoint else { return false }
        leaveConnection { Self.outcome(error, after: $0) }
        mayBeProcessed = mayBeProcessed || !error.isNotProcessed
        tried.append(endpoint)
        if hedge != nil, error.isOfReplica {
            heldError = error
            return true
        }
        return retries && !hasAnswer && loop.tryAgain(self, after: error)
    }

    /// The call is about to be tried again.
    func beginNextTry() { attempt += 1 }

    /// Whether a try of the call went to an endpoint.
    func wasAt(_ endpoint: ClientEndpoint) -> Bool {
        connection?.endpoint === endpoint || tried.contains { $0 === endpoint }
    }

    /// The second try has ended; if its replica failed, the first one decides.
    func hedgeEnded(_ error: RPCError?, _ payload: ByteBuffer?) {
        guard hedge != nil, !isEnded else { return }
        hedge = nil
        if let error, error.isOfReplica {
            mayBeProcessed = mayBeProcessed || !error.isNotProcessed
            guard let held = heldError else { return }
            heldError = nil
            if !retries || !loop.tryAgain(self, after: held) { fail(held) }
            return
        }
        if let connection {
            connection.cancel(self)
            leaveConnection { .abandoned(after: $0) }
        }
        end(error, payload)
    }

    private func dropHedge() {
        let hedge = hedge
        self.hedge = nil
        hedge?.leave(gaveUp)
    }

    /// What an error of the last try says of the whole call.
    private func overAllTries(_ error: RPCError) -> RPCError {
        guard mayBeProcessed, error.isNotProcessed else { return error }
        var error = error
        error.isNotProcessed = false
        return error
    }

    private func cancel(_ error: any Error) {
        guard !isEnded else { return }
        if let connection {
            connection.cancel(self)
            leaveConnection { .abandoned(after: $0) }
        } else {
            loop.forget(self)
        }
        fail(error)
    }

    /// Tells the balancer what the endpoint was good for.
    private func leaveConnection(_ outcome: (TimeAmount) -> EndpointLoad.Outcome) {
        guard let connection else { return }
        self.connection = nil
        let now = connection.now
        let outcome = outcome(now - openedAt)
        loop.ended(connection.endpoint, isStream: method.kind != .unary, outcome, at: now)
        guard hedges else { return }
        hedgeTimer?.cancel()
        switch outcome {
        case .failed: break
        case .answered(let time), .abandoned(let time): loop.record(time, for: method, at: now)
        }
    }

    private static func outcome(
        _ error: RPCError?,
        after time: TimeAmount
    ) -> EndpointLoad.Outcome {
        guard let error, error.isOfReplica else { return .answered(after: time) }
        return .failed(after: time, retryAfter: error.retryAfter.map { TimeAmount($0) } ?? .zero)
    }
}

/// What a call ends with whose caller no longer waits.
let gaveUp = RPCError(.cancelled, "The caller cancelled the call.")
