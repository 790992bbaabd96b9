import NIOCore
public import TLS

/// How a server secures its connections.
public struct TLSServer: Sendable {
    private let context: @Sendable () -> TLSContext

    /// Uses the files that `source` holds when a connection begins.
    public init(_ source: TLSSource) {
        context = { source.current() }
    }

    /// Uses one context for all connections.
    public init(_ context: TLSContext) {
        self.context = { context }
    }

    func makeHandler() throws -> TLSHandler {
        try TLSHandler(context: context())
    }
}

/// How a client secures its connections.
public struct TLSClient: Sendable {
    private let context: @Sendable () -> TLSContext
    private let peer: TLSPeer?

    /// Uses the files that `source` holds when a connection begins.
    ///
    /// The server has to be `peer`; `nil` means the service that the target names.
    public init(_ source: TLSSource, expecting peer: TLSPeer? = nil) {
        context = { source.current() }
        self.peer = peer
    }

    /// Uses one context for all connections.
    ///
    /// The server has to be `peer`; `nil` means the service that the target names.
    public init(_ context: TLSContext, expecting peer: TLSPeer? = nil) {
        self.context = { context }
        self.peer = peer
    }

    func makeHandler(for target: RPCTarget) throws -> TLSHandler {
        try TLSHandler(context: context(), expecting: peer ?? .service(target.name))
    }
}

/// What a server's connection knows of the transport below it.
struct ConnectionSecurity {
    /// Whether a handshake comes before the first frame.
    let isEncrypted: Bool
    /// Who the peer is; asked on the event loop, when the transport is ready.
    let peer: () -> PeerIdentity
}
