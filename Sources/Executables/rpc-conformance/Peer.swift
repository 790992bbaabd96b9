import NIOCore
import NIOPosix
import NIOTLS
import TLS

/// The server that is tested, and how to reach it.
struct Target: Sendable {
    let host: String
    let port: Int
    let authorityPath: String
    let certificatePath: String?
    let keyPath: String?
    let expected: TLSPeer
}

/// A connection to the server under test: reads all the time, and keeps what comes for the steps.
///
/// Safety: everything mutable is touched on the event loop only.
final class Peer: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let eventLoop: any EventLoop
    private var context: ChannelHandlerContext?
    private var bytes = ByteBuffer()
    private var mailbox = Mailbox()
    /// Looks again whether what a step waits for is there.
    private var look: (() -> Void)?

    private init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Connects and begins the handshake.
    static func connect(to target: Target, applicationProtocol: String) async throws -> Peer {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let peer = Peer(loop)
        let tls = try TLSContext(
            .client(
                certificatePath: target.certificatePath,
                keyPath: target.keyPath,
                authorityPath: target.authorityPath,
                applicationProtocols: [applicationProtocol],
                // What becomes of a wrong name is for the server to say.
                requiresApplicationProtocol: false
            )
        )
        _ = try await ClientBootstrap(group: loop)
            .connectTimeout(.milliseconds(Int64(Bounds.connectMilliseconds)))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        try TLSHandler(context: tls, expecting: target.expected), peer,
                    ])
                }
            }
            .connect(host: target.host, port: target.port).get()
        return peer
    }

    /// Sends a frame, if the server still listens.
    func send(_ frame: RawFrame, length: UInt32? = nil, headerLength: UInt16? = nil) async throws {
        try await send(frame.bytes(length: length, headerLength: headerLength)) { mailbox in
            mailbox.sent(frame)
        }
    }

    /// Sends bytes as they are, if the server still listens.
    func send(
        _ bytes: [UInt8],
        _ note: @escaping @Sendable (inout Mailbox) -> Void = { _ in }
    ) async throws {
        let written = eventLoop.flatSubmit { [self] in
            note(&mailbox)
            guard let context else { return eventLoop.makeSucceededVoidFuture() }
            return context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(bytes: bytes)))
                // A server that has closed meanwhile is what some cases ask for.
                .flatMapError { [eventLoop] _ in eventLoop.makeSucceededVoidFuture() }
        }
        try await written.get()
    }

    /// Waits until `find` finds something in what has come.
    ///
    /// - Throws: `WireFault` if the server breaks a rule meanwhile; `CaseFault` if the connection
    ///   ends or the time is over before something is found.
    func wait<Found: Sendable>(
        milliseconds: Int = Bounds.answerMilliseconds,
        _ find: @escaping @Sendable (inout Mailbox) -> Found?
    ) async throws -> Found {
        let promise = eventLoop.makePromise(of: Found.self)
        eventLoop.execute { [self] in
            let limit = eventLoop.scheduleTask(in: .milliseconds(Int64(milliseconds))) { [self] in
                look = nil
                promise.fail(CaseFault("nothing came within \(milliseconds) ms"))
            }
            look = { [self] in
                guard let result = self.find(find) else { return }
                limit.cancel()
                look = nil
                promise.completeWith(result)
            }
            look?()
        }
        return try await promise.futureResult.get()
    }

    /// What `find` finds, why nothing can be found any more, or `nil`: not yet.
    private func find<Found>(
        _ find: (inout Mailbox) -> Found?
    ) -> Result<Found, any Error>? {
        if let fault = mailbox.fault { return .failure(WireFault(fault)) }
        if let found = find(&mailbox) { return .success(found) }
        return mailbox.ending.map { .failure(CaseFault("the connection has ended: \($0)")) }
    }

    /// Ends the connection.
    func close() async {
        let closed = eventLoop.flatSubmit { [self] in
            context?.channel.close() ?? eventLoop.makeSucceededVoidFuture()
        }
        // It may be closed already.
        try? await closed.get()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent {
            mailbox.ready()
            look?()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var more = Self.unwrapInboundIn(data)
        bytes.writeBuffer(&more)
        do {
            while let frame = try RawFrame.cut(from: &bytes) {
                guard let answer = mailbox.receive(frame) else { continue }
                let bytes = ByteBuffer(bytes: answer.bytes())
                context.writeAndFlush(Self.wrapOutboundOut(bytes), promise: nil)
            }
        } catch {
            mailbox.breaks("\(error)")
        }
        bytes.discardReadBytes()
        look?()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        mailbox.end("\(error)")
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        mailbox.end("closed")
        look?()
    }
}
