import NIOCore
import NIOTLS

/// Drives one connection of a client: calls to frames in one buffer that is flushed once per turn of
/// the loop, and what comes back to the calls.
///
/// Safety: all of it lives on the channel's event loop.
final class ClientConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let channel: any Channel
    let eventLoop: any EventLoop
    var state: ClientConnectionState
    let endpoint: ClientEndpoint
    let loop: ClientLoop
    private let isEncrypted: Bool
    private var input: FrameInput
    var writer: FrameWriter
    /// By slot.
    var calls: [ClientCall?] = []
    private var timer = ConnectionTimer()
    private var context: ChannelHandlerContext?
    private var isStarted = false
    private var isReading = false
    private var readAt = NIODeadline.uptimeNanoseconds(0)
    /// Whether the endpoint has no more use for the connection than the calls it has.
    private var isDismissed = false
    private var isFlushScheduled = false
    var isClosing = false
    private var failure: String?

    init(channel: any Channel, endpoint: ClientEndpoint, isEncrypted: Bool) {
        self.channel = channel
        eventLoop = channel.eventLoop
        self.endpoint = endpoint
        loop = endpoint.loop
        self.isEncrypted = isEncrypted
        state = ClientConnectionState(own: loop.announcement, now: channel.eventLoop.now)
        input = FrameInput(payloadBytesMax: loop.announcement.messageBytes)
        writer = FrameWriter(allocator: channel.allocator)
    }

    /// Whether a call can start on this connection now.
    var canOpen: Bool { isStarted && !isClosing && state.canOpen }

    /// Whether calls can start on this connection now or later.
    var takesStreams: Bool { !isClosing && state.takesStreams }

    /// Whether the server's HELLO came.
    private(set) var wasGreeted = false

    /// The time, read once for all that came in one batch.
    var now: NIODeadline { isReading ? readAt : eventLoop.now }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive, !isEncrypted { start() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        if !isEncrypted { start() }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isEncrypted, case .handshakeCompleted = event as? TLSUserEvent { start() }
        context.fireUserInboundEventTriggered(event)
    }

    /// The transport is ready: HELLO goes out, and waiting calls right behind it.
    private func start() {
        guard !isStarted else { return }
        isStarted = true
        state.started(at: eventLoop.now)
        writer.write(.hello, header: loop.announcement.helloHeader())
        scheduleFlush()
        endpoint.connected(self)
        rearm()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        let now = eventLoop.now
        isReading = true
        readAt = now
        state.keepalive.read(at: now)
        input.append(Self.unwrapInboundIn(data), allocator: channel.allocator)
        while !isClosing, let event = input.next() { perform(state.receive(event, now: now)) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        loop.pump()
        flush()
        closeIfSpent()
        rearm()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            for call in calls { call?.gate.open() }
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if failure == nil { failure = transportFault(error) }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosing = true
        state.phase = .ended
        timer.cancel()
        let reason = failure ?? "the server closed it"
        abandon(
            RPCError(
                .unavailable,
                "The connection to \(endpoint.address.text) is lost: \(reason)"
            )
        )
        endpoint.closed(self, failure ?? "The server closed the connection.")
        context.fireChannelInactive()
    }

    private func perform(_ action: ClientAction) {
        // What has not left stays here: no server may see a call whose caller hears NOT_PROCESSED.
        if state.phase == .ended { writer.clear(allocator: channel.allocator) }
        switch action {
        case .none: break
        case .hello:
            wasGreeted = true
            // The server may have announced a larger window than was assumed.
            for call in calls { call?.gate.open() }
            endpoint.greeted()
        case .message(let slot, let payload): calls[slot]?.receive(payload)
        case .ended(let slot, let error, let payload):
            let call = calls[slot]
            calls[slot] = nil
            call?.end(error, payload)
        case .fault(let slot, let id, let error):
            let call = calls[slot]
            calls[slot] = nil
            writeReset(id, error)
            call?.breakOff(error)
        case .credit(let slot): calls[slot]?.gate.open()
        case .pong(let opaque):
            // A server that does not read is not waiting for the answer, and could ask for ever.
            guard channel.isWritable else { break }
            writer.writePing(opaque, isAnswer: true)
            scheduleFlush()
        case .drain:
            writer.write(.drain, .ack)
            scheduleFlush()
            endpoint.retire(self)
        case .goAway(let error):
            note(error.message)
            writer.write(.goAway, header: error.statusHeader())
            abandon(RPCError(.unavailable, "The connection has ended: \(error.message)"))
            closeAfterFlush()
        case .close(let reason):
            note(reason)
            abandon(RPCError(.unavailable, "The connection has ended: \(reason)"))
            closeAfterFlush()
        case .peerLeft(let error):
            note(error?.message ?? "The server left.")
            abandon(
                RPCError(
                    .unavailable,
                    "The server has ended the connection: \(error?.message ?? "no reason given")",
                    retryAfter: error?.retryAfter
                )
            )
            closeAfterFlush()
        }
    }

    /// A connection that takes no more calls has no more use once those it has have ended.
    func closeIfSpent() {
        if isDismissed || state.isSpent, state.streams.count == 0 { closeAfterFlush() }
    }

    /// Closes once no call is under way.
    func closeWhenIdle() {
        isDismissed = true
        closeIfSpent()
    }

    private func note(_ reason: String) {
        if failure == nil { failure = reason }
    }

    private func timerFired() {
        timer.fired()
        guard !isClosing else { return }
        for due in state.tick(eventLoop.now) {
            switch due {
            case .ping:
                writer.writePing(UInt64(state.nextID), isAnswer: false)
                scheduleFlush()
            case .expire(let slot):
                guard let call = calls[slot] else { continue }
                cancel(call)
                let cause = wasGreeted ? "." : "; \(endpoint.address.text) has said nothing yet."
                let text = "No answer within the call's deadline\(cause)"
                call.fail(RPCError(.deadlineExceeded, text))
            case .close(let reason): perform(.close(reason))
            }
        }
        flush()
        loop.pump()
        rearm()
    }

    private func rearm() {
        guard !isClosing else { return }
        timer.arm(state.wake, on: eventLoop) { self.timerFired() }
    }

    func scheduleFlush() {
        guard !isReading, !isFlushScheduled else { return }
        isFlushScheduled = true
        eventLoop.execute {
            self.isFlushScheduled = false
            self.flush()
            self.rearm()
        }
    }

    func flush() {
        guard !writer.isEmpty, !isClosing, let context else { return }
        state.flushed()
        context.writeAndFlush(Self.wrapOutboundOut(writer.buffer), promise: nil)
        writer.clear(allocator: channel.allocator)
    }

    private func abandon(_ error: RPCError) {
        for (slot, call) in calls.enumerated() {
            guard let call else { continue }
            var error = error
            error.isNotProcessed = state.isUnwritten(slot)
            calls[slot] = nil
            state.close(slot)
            call.breakOff(error)
        }
    }

    func writeReset(_ id: UInt32, _ error: RPCError) {
        writer.write(.reset, stream: id, header: error.statusHeader())
        scheduleFlush()
    }

    /// Closes once all that is written has left, or after a while even if it cannot leave.
    func closeAfterFlush() {
        guard !isClosing else { return }
        isClosing = true
        timer.cancel()
        endpoint.lost(self, failure ?? "This side closed the connection.")
        let channel = channel
        let force = eventLoop.scheduleTask(in: TimeAmount(Limits.closeLinger)) {
            channel.close(promise: nil)
        }
        guard let context else { return }
        state.flushed()
        context.writeAndFlush(Self.wrapOutboundOut(writer.buffer)).whenComplete { _ in
            force.cancel()
            channel.close(promise: nil)
        }
        writer.clear(allocator: channel.allocator)
    }
}
