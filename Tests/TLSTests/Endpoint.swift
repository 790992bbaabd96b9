import NIOCore
import NIOPosix
import NIOTLS
import Synchronization
import TLS

/// What one end of a connection saw, in order.
enum Seen: Sendable, Equatable {
    case handshake(Agreement)
    case bytes([UInt8])
    case failure(TLSFailure.Kind)
    case shutdown
    case closed
}

/// What a handshake agreed on.
struct Agreement: Sendable, Equatable {
    var applicationProtocol: String?
    var uriNames: [String]
    var wasResumed: Bool
}

/// One end of a connection: its channel, and the stream of what it sees.
final class Endpoint: Sendable {
    let channel: any Channel
    private let seen: AsyncStream<Seen>

    init(channel: any Channel, seen: AsyncStream<Seen>) {
        self.channel = channel
        self.seen = seen
    }

    /// The next thing seen; `nil` after the end.
    func next() async -> Seen? {
        var iterator = seen.makeAsyncIterator()
        return await iterator.next()
    }

    /// All that is seen until the channel has closed.
    func untilClosed() async -> [Seen] {
        var all: [Seen] = []
        for await one in seen {
            all.append(one)
            if one == .closed { break }
        }
        return all
    }

    /// Reads until `count` bytes have come.
    func bytes(_ count: Int) async -> [UInt8] {
        var all: [UInt8] = []
        for await one in seen {
            guard case .bytes(let bytes) = one else { break }
            all += bytes
            if all.count >= count { break }
        }
        return all
    }

    /// Sends `bytes`.
    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }
}

/// Last in a pipeline: passes on what arrives there.
final class Recorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let tls: TLSHandler?
    private let record: (Seen) -> Void

    init(_ tls: TLSHandler?, _ record: @escaping (Seen) -> Void) {
        self.tls = tls
        self.record = record
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        record(.bytes(Array(unwrapInboundIn(data).readableBytesView)))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event as? TLSUserEvent {
        case .handshakeCompleted(let name):
            let agreement = Agreement(
                applicationProtocol: name,
                uriNames: tls?.peerURINames ?? [],
                wasResumed: tls?.wasResumed ?? false
            )
            record(.handshake(agreement))
        case .shutdownCompleted: record(.shutdown)
        case nil: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset by the peer's kernel may come before or instead of the end; only TLS's faults are
        // looked at.
        if let failure = error as? TLSFailure { record(.failure(failure.kind)) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        record(.closed)
    }
}

/// Connects a client and a server over loopback.
///
/// Without a context, that side speaks plain bytes.
func withConnection(
    server: TLSContext?,
    client: TLSContext?,
    expecting peer: TLSPeer = .service("agenda"),
    _ body: (_ server: Endpoint, _ client: Endpoint) async throws -> Void
) async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    let accepted = AsyncStream.makeStream(of: Endpoint.self)
    let listener = try await ServerBootstrap(group: group)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let endpoint = try addHandlers(channel, server, .anyone)
                accepted.continuation.yield(endpoint)
            }
        }
        .bind(host: "127.0.0.1", port: 0).get()
    let made = Mutex<Endpoint?>(nil)
    let channel = try await ClientBootstrap(group: group)
        .channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let endpoint = try addHandlers(channel, client, peer)
                made.withLock { $0 = endpoint }
            }
        }
        .connect(host: "127.0.0.1", port: listener.localAddress?.port ?? 0).get()
    var acceptedEndpoints = accepted.stream.makeAsyncIterator()
    if let serverEnd = await acceptedEndpoints.next(), let clientEnd = made.withLock({ $0 }) {
        try await body(serverEnd, clientEnd)
        serverEnd.channel.close(promise: nil)
        try await serverEnd.channel.closeFuture.get()
    }
    channel.close(promise: nil)
    try await channel.closeFuture.get()
    try await listener.close()
}

/// Waits until the event loops have done all that they were given so far.
func settle() async throws {
    for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
        try await loop.submit {}.get()
    }
}

private func addHandlers(
    _ channel: any Channel,
    _ context: TLSContext?,
    _ peer: TLSPeer
) throws -> Endpoint {
    let (stream, continuation) = AsyncStream.makeStream(of: Seen.self)
    let handler = try context.map { try TLSHandler(context: $0, expecting: peer) }
    if let handler { try channel.pipeline.syncOperations.addHandler(handler) }
    let recorder = Recorder(handler) { one in
        continuation.yield(one)
        if one == .closed { continuation.finish() }
    }
    try channel.pipeline.syncOperations.addHandler(recorder)
    return Endpoint(channel: channel, seen: stream)
}
