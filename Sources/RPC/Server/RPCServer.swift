public import Logging
public import NIOCore
import NIOPosix
import Synchronization
public import Tracing

/// How a server behaves.
public struct RPCServerConfiguration: Sendable {
    /// Names this process in logs and to clients: `messaging-1`.
    public var instance: String
    /// Where connections and failures are told.
    public var logger: Logger
    /// Decides before the handler whether the call is let in; throws an `RPCFailure` if not.
    public var authorize: @Sendable (CallContext) throws -> Void
    /// Largest message accepted, in bytes.
    public var messageBytesMax: Int
    /// Calls under way per connection.
    public var streamsMax: Int
    /// Credit per stream towards this side, in bytes.
    public var windowBytes: Int
    /// Connections kept at once; more are closed as they come.
    public var connectionsMax: Int
    /// Bytes held for all connections together, received and not taken by a handler or written and
    /// not sent; above it what holds most is ended.
    public var bufferedBytesMax: Int
    /// How many unary calls are let at work at once; `nil`: all that come.
    ///
    /// Health, reflection and introspection are never held back.
    public var admission: AdmissionControl?
    /// Unary calls that take this long or longer are kept for introspection, the last 64.
    public var slowCall: Duration
    /// Who hears of a method's calls; asked once for each method, when the server is made.
    public var observer: @Sendable (MethodDescriptor) -> CallObserver?
    /// Makes a span of each call, a child of the one that came with it; without one the trace is
    /// passed on as it came.
    public var tracer: (any Tracer)?
    /// What introspection tells of the servers that this process calls itself.
    public var endpoints: @Sendable () async -> [EndpointStatus]

    /// A configuration; all but the name has a default.
    ///
    /// By default every call is let in.
    public init(
        instance: String,
        messageBytesMax: Int = Limits.messageBytesDefault,
        streamsMax: Int = Limits.streamsDefault,
        windowBytes: Int = Limits.windowBytesDefault,
        connectionsMax: Int = Limits.connectionsDefault,
        bufferedBytesMax: Int = Limits.bufferedBytesDefault,
        admission: AdmissionControl? = AdmissionControl(),
        slowCall: Duration = Limits.slowCallDefault,
        observer: @escaping @Sendable (MethodDescriptor) -> CallObserver? = { _ in nil },
        tracer: (any Tracer)? = nil,
        endpoints: @escaping @Sendable () async -> [EndpointStatus] = { [] },
        authorize: @escaping @Sendable (CallContext) throws -> Void = { _ in },
        logger: Logger = Logger(label: "rpc.server")
    ) {
        self.instance = instance
        self.logger = logger
        self.messageBytesMax = messageBytesMax
        self.streamsMax = streamsMax
        self.windowBytes = windowBytes
        self.connectionsMax = connectionsMax
        self.bufferedBytesMax = bufferedBytesMax
        self.admission = admission
        self.slowCall = slowCall
        self.observer = observer
        self.tracer = tracer
        self.endpoints = endpoints
        self.authorize = authorize
    }
}

/// Serves calls: the given services, and beside them `Health`, `Reflection` and `Introspection`.
public final class RPCServer: Sendable {
    let shared: ServerShared
    private let tls: TLSServer?
    private let group: any EventLoopGroup
    private let health: HealthService
    private let introspection: IntrospectionService
    private let listeners = Mutex<[any Channel]>([])

    /// Prepares a server; `bind` opens its doors.
    ///
    /// - Parameters:
    ///   - services: What is served; no method comes twice.
    ///   - configuration: Names, limits, authorisation.
    ///   - tls: Certificates; `nil` for connections in the clear.
    ///   - group: The event loops that connections are spread over.
    public convenience init(
        services: [any RPCService],
        configuration: RPCServerConfiguration,
        tls: TLSServer?,
        group: any EventLoopGroup
    ) {
        self.init(
            services: services,
            health: HealthService(services: services.map(\.schema.name) + Self.builtIn),
            introspection: IntrospectionService(),
            configuration: configuration,
            tls: tls,
            group: group
        )
        introspection.look(into: shared)
    }

    private init(
        services: [any RPCService],
        health: HealthService,
        introspection: IntrospectionService,
        configuration: RPCServerConfiguration,
        tls: TLSServer?,
        group: any EventLoopGroup
    ) {
        self.health = health
        self.introspection = introspection
        var all = services
        all.append(health)
        all.append(introspection)
        all.append(ReflectionService(describing: all.map(\.schema)))
        shared = ServerShared(
            methods: all.flatMap(\.methods),
            unlimited: Set(Self.builtIn),
            loops: group.makeIterator().reduce(0) { count, _ in count + 1 },
            configuration: configuration
        )
        self.tls = tls
        self.group = group
    }

    /// The services that every server has, by name.
    private static let builtIn = [
        HealthMethods.service.name, ReflectionMethods.service.name,
        IntrospectionMethods.service.name,
    ]

    /// A door of its own for whoever runs this server, which answers for this server's health and
    /// state, and nothing else.
    ///
    /// It lets in the peers that may call `Introspection`, by their certificates. It stays open
    /// while this server drains, so that one can see what that waits for; drain it after this one.
    public func operatorDoor(tls: TLSServer) -> RPCServer {
        RPCServer(
            services: [],
            health: health,
            introspection: introspection,
            configuration: RPCServerConfiguration(
                instance: shared.configuration.instance,
                connectionsMax: Limits.operatorConnectionsMax,
                authorize: IntrospectionService.authorize,
                logger: shared.configuration.logger
            ),
            tls: tls,
            group: group
        )
    }

    /// Listens on an address; may be called for several.
    ///
    /// - Parameters:
    ///   - host: A host name or IP address of this machine; `0.0.0.0` for all.
    ///   - port: 0 for any free one.
    /// - Returns: The port.
    /// - Throws: `IOError` if the address cannot be had.
    public func bind(host: String, port: Int) async throws -> Int {
        let shared = shared
        let tls = tls
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Limits.acceptBacklog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childTCPOptions()
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try addServerHandlers(channel, shared, tls)
                }
            }
            .bind(host: host, port: port)
            .get()
        listeners.withLock { $0.append(channel) }
        return channel.localAddress?.port ?? port
    }

    /// Says whether the server, or one service of it, can do its work.
    ///
    /// A server starts as able. `service` is a full service name; empty means the whole server.
    public func setServing(_ serving: Bool, service: String = "") {
        health.set(serving ? .serving : .notServing, service)
    }

    /// Stops: health says NOT_SERVING, no connection is accepted any more, clients open no more
    /// calls, those under way end, and the connections close.
    ///
    /// Calls without a deadline are told UNAVAILABLE, since they would never end by themselves.
    ///
    /// - Parameter limit: After this time what is still under way is cancelled.
    public func drain(within limit: Duration) async {
        health.stop()
        let open = listeners.withLock { listeners in
            defer { listeners = [] }
            return listeners
        }
        // A listener that fails to close is closed already.
        for listener in open { try? await listener.close() }
        let deadline = NIODeadline.now() + TimeAmount(min(limit, Limits.callTimeoutMax))
        let connections = shared.connections.close(limit: deadline)
        for connection in connections {
            connection.eventLoop.execute { connection.beginDrain(limit: deadline) }
        }
        for connection in connections { try? await connection.channel.closeFuture.get() }
    }
}
