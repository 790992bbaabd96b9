public import Logging
public import NIOCore
public import Tracing

/// How a client behaves.
public struct RPCClientConfiguration: Sendable {
    /// Names this process in the server's logs.
    public var instance: String
    /// Where connections come and go.
    public var logger: Logger
    /// Largest answer accepted, in bytes.
    public var messageBytesMax: Int
    /// Credit per stream towards this side, in bytes.
    public var windowBytes: Int
    /// A random number between -1 and 1, which keeps clients from acting in step.
    public var jitter: @Sendable () -> Double
    /// What the choices between replicas begin from; the same seed chooses alike.
    public var seed: UInt64
    /// Makes a span of each call and sends it along; without one a call sends the trace of the task
    /// that makes it, `ServiceContext.traceContext`.
    public var tracer: (any Tracer)?
    /// Who hears of the calls.
    public var observer: ClientCallObserver?
    /// Finds every address that a host name stands for, without blocking the event loop.
    public var resolve: @Sendable (RPCAddress, any EventLoop) -> EventLoopFuture<[SocketAddress]>

    /// A configuration; all but the name has a default.
    public init(
        instance: String,
        logger: Logger = Logger(label: "rpc.client"),
        messageBytesMax: Int = Limits.messageBytesDefault,
        windowBytes: Int = Limits.windowBytesDefault,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: -1...1) },
        seed: UInt64 = .random(in: .min ... .max),
        tracer: (any Tracer)? = nil,
        observer: ClientCallObserver? = nil,
        resolve:
            @escaping @Sendable (RPCAddress, any EventLoop) -> EventLoopFuture<
                [SocketAddress]
            > = resolveBySystem
    ) {
        self.instance = instance
        self.logger = logger
        self.messageBytesMax = messageBytesMax
        self.windowBytes = windowBytes
        self.jitter = jitter
        self.seed = seed
        self.tracer = tracer
        self.observer = observer
        self.resolve = resolve
    }
}
