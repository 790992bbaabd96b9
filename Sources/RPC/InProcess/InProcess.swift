import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Runs `body` with a client of `services` in this process: the frames and state machines of the
/// network over a socket pair, without TLS.
///
/// For tests.
///
/// - Parameters:
///   - services: What the server serves, beside health and reflection.
///   - peer: Who the server takes the client for.
///   - configuration: How the server behaves.
///   - clientConfiguration: How the client behaves.
///   - body: What to do with the client; server and client end with it.
/// - Returns: What `body` returned.
/// - Throws: What `body` throws.
public func withInProcessServer<Result>(
    _ services: [any RPCService],
    peer: PeerIdentity = .service("gateway"),
    configuration: RPCServerConfiguration = RPCServerConfiguration(instance: "in-process"),
    client clientConfiguration: RPCClientConfiguration = RPCClientConfiguration(
        instance: "in-process"
    ),
    _ body: (RPCClient) async throws -> Result
) async throws -> Result {
    let group = MultiThreadedEventLoopGroup.singleton
    let server = RPCServer(
        services: services,
        configuration: configuration,
        tls: nil,
        group: group
    )
    let client = try RPCClient(
        inProcess: server,
        peer: peer,
        configuration: clientConfiguration,
        group: group
    )
    do {
        let result = try await body(client)
        await client.close()
        await server.drain(within: .seconds(1))
        return result
    } catch {
        await client.close()
        await server.drain(within: .seconds(1))
        throw error
    }
}

extension RPCClient {
    /// A client whose every connection is a socket pair with `server` at its other end.
    convenience init(
        inProcess server: RPCServer,
        peer: PeerIdentity,
        configuration: RPCClientConfiguration,
        group: any EventLoopGroup
    ) throws {
        let shared = server.shared
        let place = try SocketAddress(unixDomainSocketPath: "in-process")
        self.init(
            target: RPCTarget(name: "the server", addresses: []),
            addresses: [place],
            configuration: configuration,
            group: group
        ) { endpoint in
            connectInProcess(endpoint, shared, peer)
        }
    }
}

/// Opens a socket pair with the server's end on the same event loop as the client's.
private func connectInProcess(
    _ endpoint: ClientEndpoint,
    _ shared: ServerShared,
    _ peer: PeerIdentity
) -> EventLoopFuture<any Channel> {
    var ends: [CInt] = [-1, -1]
    let eventLoop = endpoint.loop.eventLoop
    guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
        return eventLoop.makeFailedFuture(IOError(errnoCode: errno, reason: "socketpair"))
    }
    let server = ClientBootstrap(group: eventLoop)
        .channelOption(.writeBufferWaterMark, value: writeMarks)
        .channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                guard let number = shared.connections.admit() else { throw TooManyConnections() }
                let security = ConnectionSecurity(isEncrypted: false) { peer }
                try addServerConnection(channel, shared, number, security)
            }
        }
        .withConnectedSocket(ends[0])
    let client = ClientBootstrap(group: eventLoop)
        .channelOption(.writeBufferWaterMark, value: writeMarks)
        .channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try addClientHandlers(channel, endpoint) }
        }
        .withConnectedSocket(ends[1])
    return server.flatMap { _ in client }
}
