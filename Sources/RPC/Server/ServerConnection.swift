import Logging
import NIOCore
import NIOTLS

/// Drives one connection of a server: bytes to frames to the state machine, its actions to handlers,
/// and their answers into one buffer that is flushed once per read batch.
///
/// Safety: all of it lives on the channel's event loop.
final class ServerConnection: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let channel: any Channel
    let eventLoop: any EventLoop
    let shared: ServerShared
    /// Tells this connection from the others of the process in logs.
    let number: Int
    private let flushes: FlushBatch
    @exclusivity(unchecked) var state: ServerConnectionState
    @exclusivity(unchecked) var writer: FrameWriter
    /// By slot.
    @exclusivity(unchecked) var calls: [ServerCall?] = []
    @exclusivity(unchecked) var timer = ConnectionTimer()
    var peer = PeerIdentity.anonymous
    var isClosing = false
    let loop: ServerLoop
    @exclusivity(unchecked) var input: FrameInput
    /// What the loop knows to be held here, in bytes: the next three together.
    var held = 0
    /// In the inboxes of calls.
    var unreadBytes = 0
    /// In the channel's own buffer, when it was last asked.
    var unsentBytes = 0
    /// Whether that buffer is given up: it counts no more, though TLS may need a moment to close.
    var isCut = false
    /// Written since it was asked.
    var writtenUnasked = 0
    /// Slow calls whose answers are not flushed yet.
    var unflushedSlow: [SlowCallRecord] = []
    let openedAt: NIODeadline
    /// Bytes of frames, before encryption.
    private(set) var receivedBytes: UInt64 = 0
    private(set) var sentBytes: UInt64 = 0
    private let security: ConnectionSecurity
    private var context: ChannelHandlerContext?
    private var isRegistered = false
    private var isStarted = false
    private var isReading = false
    private var isFlushScheduled = false
    private var isReadPending = false

    init(
        channel: any Channel,
        shared: ServerShared,
        number: Int,
        security: ConnectionSecurity
    ) {
        self.channel = channel
        eventLoop = channel.eventLoop
        self.shared = shared
        self.number = number
        self.security = security
        loop = shared.loop(channel.eventLoop)
        openedAt = channel.eventLoop.now
        flushes = shared.flushes[channel.eventLoop]
        state = ServerConnectionState(
            methods: shared.methods,
            own: shared.announcement,
            now: channel.eventLoop.now
        )
        input = FrameInput(payloadBytesMax: shared.announcement.messageBytes)
        writer = FrameWriter(allocator: channel.allocator)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { register() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        register()
        context.fireChannelActive()
    }

    private func register() {
        guard !isRegistered else { return }
        isRegistered = true
        let drainLimit = shared.connections.add(self)
        loop.lanes.connectionOpened()
        if !security.isEncrypted { start() }
        if let drainLimit { beginDrain(limit: drainLimit) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if security.isEncrypted, case .handshakeCompleted = event as? TLSUserEvent { start() }
        context.fireUserInboundEventTriggered(event)
    }

    /// The transport is ready: HELLO goes out without waiting for the peer's.
    private func start() {
        guard !isStarted else { return }
        isStarted = true
        peer = security.peer()
        state.started(at: eventLoop.now)
        writer.write(.hello, header: shared.announcement.helloHeader())
        scheduleFlush()
        rearm()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        isReading = true
        let readAt = eventLoop.now
        state.keepalive.read(at: readAt)
        let bytes = Self.unwrapInboundIn(data)
        receivedBytes += UInt64(bytes.readableBytes)
        input.append(bytes, allocator: channel.allocator)
        while !isClosing, let event = input.next() {
            perform(state.receive(event, readAt: readAt, now: eventLoop.now))
        }
        input.settle()
        state.read(at: readAt, isWithinFrame: input.isWithinFrame)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        // Handlers that this batch woke answer into the same flush.
        loop.lanes.executor.drain()
        if !writer.isEmpty || !unflushedSlow.isEmpty { scheduleFlush() }
        account()
        rearm()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        recount()
        if context.channel.isWritable {
            for call in calls { call?.gate.open() }
            if isReadPending {
                isReadPending = false
                state.readWithheld(at: eventLoop.now)
                context.read()
            }
        }
        context.fireChannelWritabilityChanged()
    }

    /// A client that does not read its answers gets no more of its requests read.
    ///
    /// Clients always read, so both sides never wait for each other.
    func read(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            context.read()
        } else {
            isReadPending = true
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        log(.debug, "the connection failed", ["error": "\(error)"])
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosing = true
        state.phase = .ended
        timer.cancel()
        abandon(RPCError(.cancelled, "The connection to the caller is lost."))
        input = FrameInput(payloadBytesMax: 0)
        recount()
        shared.connections.remove(self)
        if isRegistered { loop.lanes.connectionClosed() }
        context.fireChannelInactive()
    }

    /// Sees to it that what is written leaves in this turn of the loop.
    func scheduleFlush() {
        guard !isReading, !isFlushScheduled else { return }
        isFlushScheduled = true
        flushes.add(self)
    }

    func flush() {
        isFlushScheduled = false
        defer { if !unflushedSlow.isEmpty { keepSlow() } }
        guard !writer.isEmpty, !isClosing, let context else { return }
        let bytes = writer.buffer.readableBytes
        context.writeAndFlush(Self.wrapOutboundOut(writer.buffer), promise: nil)
        writer.clear(allocator: channel.allocator)
        sentBytes += UInt64(bytes)
        wrote(bytes)
    }

    /// Sees to it that the timer fires when the state machine next has something to do.
    func rearm() {
        guard !isClosing else { return }
        timer.arm(state.wake, on: eventLoop) { self.timerFired() }
    }

    private func timerFired() {
        timer.fired()
        guard !isClosing else { return }
        if isReadPending { state.readWithheld(at: eventLoop.now) }
        for due in state.tick(eventLoop.now) { perform(due) }
        loop.lanes.executor.drain()
        flush()
        rearm()
    }

    /// Closes once all that is written has left, or after a while even if it cannot leave; while
    /// draining, answers have until the drain's own limit.
    func closeAfterFlush() {
        guard !isClosing else { return }
        endReading()
        let channel = channel
        let linger = eventLoop.now + TimeAmount(Limits.closeLinger)
        let isDraining = state.drainLimit != .distantFuture
        let limit = isDraining ? max(linger, state.drainLimit) : linger
        let force = eventLoop.scheduleTask(deadline: limit) {
            channel.close(promise: nil)
        }
        guard let context else { return }
        sentBytes += UInt64(writer.buffer.readableBytes)
        context.writeAndFlush(Self.wrapOutboundOut(writer.buffer)).whenComplete { _ in
            force.cancel()
            channel.close(promise: nil)
        }
        writer.clear(allocator: channel.allocator)
    }

    func closeNow() {
        guard !isClosing else { return }
        endReading()
        channel.close(promise: nil)
    }

    /// The connection closes: nothing is due on it, and what came and is not decoded never will be.
    func endReading() {
        isClosing = true
        timer.cancel()
        input = FrameInput(payloadBytesMax: 0)
        account()
    }

    /// Cancels all handlers: nobody hears their answers any more.
    func abandon(_ error: RPCError) {
        for call in calls { call?.close(error, tellPeer: false) }
    }

    func log(
        _ level: Logger.Level,
        _ message: Logger.Message,
        _ metadata: @autoclosure () -> Logger.Metadata = [:]
    ) {
        shared.configuration.logger.log(
            level: level,
            message,
            metadata: metadata().merging([
                "connection": "\(number)", "peer": "\(peer)", "instance": "\(state.peer.instance)",
            ]) { own, _ in own }
        )
    }
}
