public import NIOCore
import NIOTLS

/// Encrypts what a channel writes and decrypts what it reads, with TLS 1.3.
///
/// Add it first to the pipeline, one for each connection:
///
///     try channel.pipeline.syncOperations.addHandler(TLSHandler(context: source.current()))
///     try channel.pipeline.syncOperations.addHandler(
///         TLSHandler(context: source.current(), expecting: .service("agenda"))
///     )
///
/// - Fires `TLSUserEvent.handshakeCompleted(negotiatedProtocol:)` when both sides agree; a client
///   has checked its server's certificate and name by then. What was written before goes out after
///   it.
/// - Fires one buffer for each batch of reads, and writes once for each flush.
/// - Any fault is a `TLSFailure` through `errorCaught`, once, and closes the channel. A server
///   refuses a *client's* certificate only after the client's side of the handshake is over: the
///   client learns of it as a fault soon after `handshakeCompleted`.
/// - `close` in any mode closes both directions, after the closing messages (at most 1 s later). A
///   closing message from the peer fires `TLSUserEvent.shutdownCompleted` and closes the channel.
///   An end without one is the fault `.truncated`.
public final class TLSHandler: ChannelDuplexHandler, RemovableChannelHandler {
    /// Ciphertext from the channel.
    public typealias InboundIn = ByteBuffer
    /// Plaintext for the next handler.
    public typealias InboundOut = ByteBuffer
    /// Plaintext from the next handler.
    public typealias OutboundIn = ByteBuffer
    /// Ciphertext for the channel.
    public typealias OutboundOut = ByteBuffer

    enum State {
        case idle
        case handshaking
        case established
        /// This side has said its last; bytes are read only to see the peer's end.
        case closing
        /// TLS has failed; bytes are read only so that the peer gets the alert.
        case failed
        case closed
    }

    let engine: TLSEngine
    private let handshakeTimeout: TimeAmount
    var state = State.idle
    private var writes = WriteQueue()
    private var isEncrypting = false
    private var plaintext = ByteBuffer()
    private var nextHandlerWaits = false
    /// Batches of reads since the connection was last looked at, see `TLSHandlerBuffers.swift`.
    var batches = 0
    /// The next look, while the connection is busy.
    var look: Scheduled<Void>?
    var timer: Scheduled<Void>?
    var closePromise: EventLoopPromise<Void>?

    /// Prepares one connection of `context`'s role.
    ///
    /// - Parameters:
    ///   - context: Certificates and settings, of `TLSSource.current()` or made for good.
    ///   - peer: Who a client expects; a server leaves it out.
    ///   - handshakeTimeout: How long the handshake may take, from the connection on.
    /// - Throws: `TLSError.badPeerName` if `peer` names nobody; `TLSError.library` without memory.
    public init(
        context: TLSContext,
        expecting peer: TLSPeer = .anyone,
        handshakeTimeout: TimeAmount = TLSHandler.defaultHandshakeTimeout
    ) throws(TLSError) {
        engine = try TLSEngine(context: context, peer: peer)
        self.handshakeTimeout = handshakeTimeout
    }

    /// How long a handshake may take unless told otherwise.
    public static var defaultHandshakeTimeout: TimeAmount { Limits.handshakeTimeout }

    // What was agreed. Complete from `handshakeCompleted` on; read it on the channel's event loop.

    /// The URIs in the peer's certificate (`spiffe://pass-emploi/agenda`); empty without a
    /// certificate.
    public private(set) var peerURINames: [String] = []
    /// The DNS names in the peer's certificate; empty without a certificate.
    public private(set) var peerDNSNames: [String] = []
    /// The protocol that ALPN chose.
    public private(set) var negotiatedProtocol: String?
    /// Whether this connection went on with an earlier session instead of a whole handshake.
    public private(set) var wasResumed = false

    /// The service that the peer's certificate names, if it names exactly one.
    public var peerServiceName: String? {
        let names = peerURINames.compactMap { TLSPeer.serviceName(inURI: $0) }
        return names.count == 1 ? names.first : nil
    }

    // Life of the channel.

    /// Begins the handshake if the channel is connected already.
    public func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { start(context) }
    }

    /// Gives up: what was not sent fails.
    public func handlerRemoved(context: ChannelHandlerContext) {
        state = .closed
        timer?.cancel()
        look?.cancel()
        dropWrites(ChannelError.ioOnClosedChannel)
        closePromise?.fail(ChannelError.ioOnClosedChannel)
        closePromise = nil
    }

    /// Begins the handshake.
    public func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    /// Reports an end without a closing message, then passes the end on.
    public func channelInactive(context: ChannelHandlerContext) {
        let before = state
        state = .closed
        timer?.cancel()
        look?.cancel()
        deliver(context)
        switch before {
        case .handshaking: context.fireErrorCaught(TLSFailure(.closedDuringHandshake))
        case .established: context.fireErrorCaught(TLSFailure(.truncated))
        case .idle, .closing, .failed, .closed: break
        }
        dropWrites(ChannelError.ioOnClosedChannel)
        closePromise?.succeed()
        closePromise = nil
        context.fireChannelInactive()
    }

    private func start(_ context: ChannelHandlerContext) {
        guard state == .idle else { return }
        state = .handshaking
        schedule(context, after: handshakeTimeout) { $0.fail($1, TLSFailure(.handshakeTimeout)) }
        shakeHands(context)
        // The handshake needs bytes whether or not the next handler has asked for any.
        context.read()
    }

    private func shakeHands(_ context: ChannelHandlerContext) {
        do throws(TLSFailure) {
            let isComplete = try engine.handshake()
            sendCiphertext(context)
            guard isComplete else { return }
        } catch {
            return fail(context, error)
        }
        timer?.cancel()
        state = .established
        if let certificate = engine.peerCertificate() {
            peerURINames = certificate.uriNames
            peerDNSNames = certificate.dnsNames
        }
        negotiatedProtocol = engine.negotiatedProtocol
        wasResumed = engine.wasResumed
        let event = TLSUserEvent.handshakeCompleted(negotiatedProtocol: negotiatedProtocol)
        context.fireUserInboundEventTriggered(event)
        encryptFlushed(context)
    }

    // Reading.

    /// Goes on with the handshake, or decrypts.
    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var ciphertext = unwrapInboundIn(data)
        switch state {
        case .idle, .handshaking:
            engine.receive(&ciphertext)
            if state == .idle { start(context) } else { shakeHands(context) }
            if state == .established { decrypt(context) }
        case .established:
            engine.receive(&ciphertext)
            decrypt(context)
        case .closing:
            engine.receive(&ciphertext)
            var unread = ByteBuffer()
            // A fault is an end as well.
            if (try? engine.decrypt(into: &unread)) != false { finishClose(context) }
        case .failed, .closed:
            break
        }
    }

    private func decrypt(_ context: ChannelHandlerContext) {
        do throws(TLSFailure) {
            // Empty means: passed on. The next handlers have mostly let go of the memory by now.
            if plaintext.readableBytes == 0 { plaintext.clear() }
            let peerClosed = try engine.decrypt(into: &plaintext)
            // Answers that libssl itself makes, such as a key update.
            sendCiphertext(context)
            if plaintext.readableBytes >= Limits.chunkBytes { deliver(context) }
            if peerClosed { answerClose(context) }
        } catch {
            deliver(context)
            fail(context, error)
        }
    }

    /// Gives back the memory that was kept for more.
    func releasePlaintext() {
        if plaintext.readableBytes == 0 { plaintext = ByteBuffer() }
    }

    func deliver(_ context: ChannelHandlerContext) {
        guard plaintext.readableBytes > 0 else { return }
        let batch = plaintext
        if plaintext.capacity > engine.keptBytesMax {
            plaintext = ByteBuffer()
        } else {
            plaintext.moveReaderIndex(to: plaintext.writerIndex)
        }
        nextHandlerWaits = false
        context.fireChannelRead(wrapInboundOut(batch))
    }

    /// Passes on what the batch of reads brought.
    public func channelReadComplete(context: ChannelHandlerContext) {
        deliver(context)
        noteBatch(context)
        context.fireChannelReadComplete()
        // Bytes that made no plaintext must not leave the next handler waiting, nor the end of TLS.
        switch state {
        case .handshaking, .closing, .failed: context.read()
        case .established where nextHandlerWaits: context.read()
        case .idle, .established, .closed: break
        }
    }

    /// Passes the wish to read on, and remembers it until there is plaintext.
    public func read(context: ChannelHandlerContext) {
        nextHandlerWaits = true
        context.read()
    }

    /// Takes the end of the peer's bytes, where the channel keeps its own side open, for the end.
    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // With half-closure allowed on the channel, the end of the peer's bytes comes as an event.
        if let event = event as? ChannelEvent, event == .inputClosed {
            switch state {
            case .handshaking: return fail(context, TLSFailure(.closedDuringHandshake))
            case .established: return fail(context, TLSFailure(.truncated))
            case .closing, .failed: return finishClose(context)
            case .idle, .closed: break
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    // Writing.

    /// Keeps plaintext until it is flushed and the handshake is complete.
    public func write(
        context: ChannelHandlerContext,
        data: NIOAny,
        promise: EventLoopPromise<Void>?
    ) {
        switch state {
        case .idle, .handshaking, .established: writes.append(unwrapOutboundIn(data), promise)
        case .closing, .failed, .closed: promise?.fail(ChannelError.ioOnClosedChannel)
        }
    }

    /// Encrypts and sends what was written.
    public func flush(context: ChannelHandlerContext) {
        writes.flush()
        encryptFlushed(context)
    }

    private func encryptFlushed(_ context: ChannelHandlerContext) {
        // A write to the channel can call back into `flush`: records must not overtake each other,
        // so the outer call does the work of the inner one.
        guard state == .established, !isEncrypting else { return }
        isEncrypting = true
        defer { isEncrypting = false }
        while state == .established, writes.hasFlushed {
            var promises: [EventLoopPromise<Void>] = []
            while state == .established, var batch = writes.nextBatch(promises: &promises) {
                do throws(TLSFailure) {
                    while state == .established, batch.readableBytes > 0 {
                        try engine.encrypt(&batch)
                        if engine.outboundBytes >= Limits.chunkBytes,
                            let chunk = engine.takeOutbound()
                        {
                            context.write(wrapOutboundOut(chunk), promise: nil)
                        }
                    }
                } catch {
                    for promise in promises { promise.fail(error) }
                    return fail(context, error)
                }
            }
            guard state == .established else {
                // The connection ended in between, perhaps in the middle of what is promised here.
                for promise in promises { promise.fail(ChannelError.ioOnClosedChannel) }
                return
            }
            let last = engine.takeOutbound() ?? ByteBuffer()
            context.writeAndFlush(wrapOutboundOut(last), promise: Self.one(promises, context))
        }
    }

    /// A promise that completes all of `promises`.
    private static func one(
        _ promises: [EventLoopPromise<Void>],
        _ context: ChannelHandlerContext
    ) -> EventLoopPromise<Void>? {
        guard let first = promises.first else { return nil }
        for promise in promises.dropFirst() { first.futureResult.cascade(to: promise) }
        return first
    }

    func sendCiphertext(
        _ context: ChannelHandlerContext,
        promise: EventLoopPromise<Void>? = nil
    ) {
        if let bytes = engine.takeOutbound() {
            context.writeAndFlush(wrapOutboundOut(bytes), promise: promise)
        } else {
            promise?.succeed()
        }
    }

    func dropWrites(_ error: any Error) {
        for promise in writes.removeAll() { promise.fail(error) }
    }
}
