import NIOCore
import NIOPosix
import TLS

/// Connects to an endpoint of a server over TCP.
func connectSocket(
    _ endpoint: ClientEndpoint,
    of target: RPCTarget,
    tls: TLSClient?
) -> EventLoopFuture<any Channel> {
    ClientBootstrap(group: endpoint.loop.eventLoop)
        .connectTimeout(TimeAmount(Limits.connectTimeout))
        .tcpOptions()
        .channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try addClientHandlers(channel, endpoint, try tls?.makeHandler(for: target))
            }
        }
        .connect(to: endpoint.address)
}

/// Puts a client's handlers on a channel, all at once, so that no byte can come before them.
func addClientHandlers(
    _ channel: any Channel,
    _ endpoint: ClientEndpoint,
    _ tls: (any ChannelHandler)? = nil
) throws {
    if let tls { try channel.pipeline.syncOperations.addHandler(tls) }
    let connection = ClientConnection(channel: channel, endpoint: endpoint, isEncrypted: tls != nil)
    try channel.pipeline.syncOperations.addHandler(connection)
}

/// Puts a server's handlers on a channel, all at once, so that no byte can come before them.
func addServerHandlers(_ channel: any Channel, _ shared: ServerShared, _ tls: TLSServer?) throws {
    guard let number = shared.connections.admit() else { throw TooManyConnections() }
    var security = ConnectionSecurity(isEncrypted: false) { .anonymous }
    if let tls {
        let handler = try tls.makeHandler()
        try channel.pipeline.syncOperations.addHandler(handler)
        security = ConnectionSecurity(isEncrypted: true) {
            handler.peerServiceName.map(PeerIdentity.service) ?? .anonymous
        }
    }
    try addServerConnection(channel, shared, number, security)
}

/// Puts the handler that serves calls on a channel.
func addServerConnection(
    _ channel: any Channel,
    _ shared: ServerShared,
    _ number: Int,
    _ security: ConnectionSecurity
) throws {
    let connection = ServerConnection(
        channel: channel,
        shared: shared,
        number: number,
        security: security
    )
    try channel.pipeline.syncOperations.addHandler(connection)
}

/// A connection is turned away: the server has enough, or stops.
struct TooManyConnections: Error {}

extension ClientBootstrap {
    fileprivate func tcpOptions() -> ClientBootstrap {
        channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(tcpKeepIdle, value: .init(Limits.tcpKeepIdleSeconds))
            .channelOption(tcpKeepInterval, value: .init(Limits.tcpKeepIntervalSeconds))
            .channelOption(tcpUserTimeout, value: .init(Limits.tcpUserTimeoutMilliseconds))
            .channelOption(.writeBufferWaterMark, value: writeMarks)
    }
}

extension ServerBootstrap {
    func childTCPOptions() -> ServerBootstrap {
        childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(tcpKeepIdle, value: .init(Limits.tcpKeepIdleSeconds))
            .childChannelOption(tcpKeepInterval, value: .init(Limits.tcpKeepIntervalSeconds))
            .childChannelOption(tcpUserTimeout, value: .init(Limits.tcpUserTimeoutMilliseconds))
            .childChannelOption(.writeBufferWaterMark, value: writeMarks)
    }
}

// Linux's `TCP_KEEPIDLE`, `TCP_KEEPINTVL` and `TCP_USER_TIMEOUT` have no names in NIO.
private let tcpKeepIdle = linuxTCPOption(4)
private let tcpKeepInterval = linuxTCPOption(5)
private let tcpUserTimeout = linuxTCPOption(18)

private func linuxTCPOption(_ number: CInt) -> ChannelOptions.Types.SocketOption {
    ChannelOptions.Types.SocketOption(level: .tcp, name: NIOBSDSocket.Option(rawValue: number))
}

let writeMarks = ChannelOptions.Types.WriteBufferWaterMark(
    low: Limits.unsentBytesLow,
    high: Limits.unsentBytesHigh
)
