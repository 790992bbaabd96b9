import NIOCore
import NIOPosix
import NIOTLS
import TLS

/// A connection that shakes hands, may say HELLO, and then is silent.
///
/// Unlike a client's it is not opened again when it is lost, so that losses can be counted.
final class RawConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// HELLO of a client that accepts the default limits.
    ///
    /// Source: `proto/PROTOCOL.md` §2, §3; the header is magic (fixed32) and version.
    private static let hello: [UInt8] = [
        0, 0, 0, 15, 1, 0, 0, 7, 0, 0, 0, 0, 0x0d, 0x53, 0x53, 0x41, 0x50, 0x10, 1,
    ]

    private let saysHello: Bool
    private var ready: EventLoopPromise<Bool>?
    private let tls: TLSHandler

    private init(_ tls: TLSHandler, _ ready: EventLoopPromise<Bool>, saysHello: Bool) {
        self.tls = tls
        self.ready = ready
        self.saysHello = saysHello
    }

    /// Opens a connection.
    ///
    /// - Returns: The channel and whether an earlier session was resumed, once the server has
    ///   spoken: a ticket comes before its first frame.
    static func open(
        on eventLoop: any EventLoop,
        _ context: TLSContext,
        expecting peer: TLSPeer,
        port: Int,
        saysHello: Bool
    ) async throws -> (channel: any Channel, wasResumed: Bool) {
        let ready = eventLoop.makePromise(of: Bool.self)
        let channel = try await ClientBootstrap(group: eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let tls = try TLSHandler(context: context, expecting: peer)
                    let connection = RawConnection(tls, ready, saysHello: saysHello)
                    try channel.pipeline.syncOperations.addHandlers(tls, connection)
                }
            }
            .connect(host: Target.host, port: port)
            .get()
        return (channel, try await ready.futureResult.get())
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if saysHello, case .handshakeCompleted = event as? TLSUserEvent {
            let hello = context.channel.allocator.buffer(bytes: Self.hello)
            context.writeAndFlush(wrapOutboundOut(hello), promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        ready?.succeed(tls.wasResumed)
        ready = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ready?.fail(error)
        ready = nil
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ready?.fail(ChannelError.eof)
        ready = nil
        context.fireChannelInactive()
    }
}
