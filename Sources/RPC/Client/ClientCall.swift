import NIOCore
import Synchronization

/// One call of a client: what its caller and its connection know of each other.
///
/// Safety: everything mutable is touched on the event loop only; what callers do from elsewhere hops
/// there first.
final class ClientCall: MessageReceiver, MessageSender, @unchecked Sendable {
    let loop: ClientLoop
    let eventLoop: any EventLoop
    let method: MethodDescriptor
    let metadata: Metadata
    let deadline: NIODeadline?
    let waitsForConnection: Bool
    var inbox = Inbox()
    var gate = SendGate()

    /// The encoded message of REQUEST while the call waits for its stream.
    var waitingPayload: ByteBuffer?
    /// Whether the caller has sent all that it will.
    private(set) var isRequestEnded: Bool
    /// Set while the stream is open.
    private(set) var connection: ClientConnection?
    private(set) var slot = -1
    private(set) var stream: UInt32 = 0
    private var isEnded = false
    private let lastTicket = Atomic<UInt64>(0)

    init(
        loop: ClientLoop,
        method: MethodDescriptor,
        options: CallOptions,
        deadline: NIODeadline?
    ) {
        self.loop = loop
        eventLoop = loop.eventLoop
        self.method = method
        metadata = options.metadata
        self.deadline = deadline
        waitsForConnection = options.waitsForConnection
        isRequestEnded = !method.kind.clientStreams
    }

    func nextTicket() -> UInt64 { lastTicket.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Starts a call whose REQUEST carries a message.
    func start(_ message: some ProtobufMessage) throws {
        if eventLoop.inEventLoop {
            try loop.start(self) { buffer in try message.encode(into: &buffer) }
        } else {
            var payload = ByteBuffer()
            try message.encode(into: &payload)
            start(payload: payload)
        }
    }

    /// Starts a call whose REQUEST carries an encoded message, or none.
    func start(payload: ByteBuffer?) {
        waitingPayload = payload
        eventLoop.perform { self.loop.start(self) }
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
    func opened(_ connection: ClientConnection, slot: Int, stream: UInt32) {
        self.connection = connection
        self.slot = slot
        self.stream = stream
        waitingPayload = nil
        gate.open()
    }

    func consumed(_ bytes: Int) {
        connection?.consumed(self, bytes)
    }

    func trySend(_ encode: (inout ByteBuffer) throws -> Void) throws -> Bool {
        if isEnded { throw RPCError(.cancelled, "The call has ended; it takes no more messages.") }
        if isRequestEnded {
            throw RPCError(.failedPrecondition, "The caller has finished sending messages.")
        }
        guard let connection else { return false }
        return try connection.send(self, encode)
    }

    /// The call has ended: with an error, or with OK and perhaps a last message.
    ///
    /// Messages that came before can still be read.
    func end(_ error: RPCError?, _ payload: ByteBuffer?) {
        guard !isEnded else { return }
        if let payload { deliver(payload, isCounted: false) }
        isEnded = true
        connection = nil
        inbox.finish(error)
        gate.close(error ?? RPCError(.cancelled, "The server has answered already."))
    }

    /// The call broke off.
    func fail(_ error: any Error) {
        guard !isEnded else { return }
        isEnded = true
        connection = nil
        waitingPayload = nil
        inbox.fail(error)
        gate.close(error)
    }

    private func cancel(_ error: any Error) {
        guard !isEnded else { return }
        if let connection {
            connection.cancel(self)
        } else {
            loop.forget(self)
        }
        fail(error)
    }
}
