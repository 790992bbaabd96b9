import Logging
import NIOCore
import Synchronization

/// What all connections of a server share.
final class ServerShared: Sendable {
    let configuration: RPCServerConfiguration
    let methods: MethodTable
    let announcement: Announcement
    let flushes = FlushBatches()
    let connections: ConnectionRegistry
    let budget: BufferBudget
    let madeAt = NIODeadline.now()
    /// The share of one event loop.
    private let admission: AdmissionControl
    private let loops = Mutex<[ObjectIdentifier: ServerLoop]>([:])

    /// - Parameters:
    ///   - methods: What is served.
    ///   - unlimited: The services whose calls never wait for others.
    ///   - loops: How many event loops connections are spread over.
    ///   - configuration: How the server behaves.
    init(
        methods: [RPCMethod],
        unlimited: Set<String> = [],
        loops: Int = 1,
        configuration: RPCServerConfiguration
    ) {
        self.configuration = configuration
        let isLimiting = configuration.admission != nil
        admission = (configuration.admission ?? AdmissionControl()).share(of: loops)
        self.methods = MethodTable(
            methods,
            isLimited: { isLimiting && !unlimited.contains($0) },
            observer: configuration.observer,
            tracer: configuration.tracer
        )
        announcement = Announcement(
            messageBytes: configuration.messageBytesMax,
            streams: configuration.streamsMax,
            windowBytes: configuration.windowBytes,
            instance: configuration.instance
        )
        connections = ConnectionRegistry(max: configuration.connectionsMax)
        budget = BufferBudget(
            bytesMax: configuration.bufferedBytesMax,
            connections: connections
        )
    }

    /// The loops that have had connections.
    var allLoops: [ServerLoop] { loops.withLock { Array($0.values) } }

    /// What the connections on `eventLoop` share.
    func loop(_ eventLoop: any EventLoop) -> ServerLoop {
        loops.withLock { loops in
            let id = ObjectIdentifier(eventLoop)
            if let loop = loops[id] { return loop }
            let loop = ServerLoop(
                eventLoop,
                budget: budget,
                methods: methods.methods.count,
                admission: admission,
                slowAfter: TimeAmount(configuration.slowCall)
            )
            loops[id] = loop
            return loop
        }
    }
}

/// The open connections of a server.
final class ConnectionRegistry: Sendable {
    private struct State {
        var open: [ObjectIdentifier: ServerConnection] = [:]
        var lastNumber = 0
        /// When draining must be over; `nil` while the server is not.
        var drainLimit: NIODeadline?
    }

    private let max: Int
    private let state = Mutex(State())

    init(max: Int) {
        self.max = max
    }

    /// A number for a new connection, or `nil` if there are too many or the server stops.
    func admit() -> Int? {
        state.withLock { state in
            guard state.open.count < max, state.drainLimit == nil else { return nil }
            state.lastNumber += 1
            return state.lastNumber
        }
    }

    /// A connection opened.
    ///
    /// - Returns: The limit of the drain if the server has begun to stop meanwhile.
    func add(_ connection: ServerConnection) -> NIODeadline? {
        state.withLock { state in
            state.open[ObjectIdentifier(connection)] = connection
            return state.drainLimit
        }
    }

    func remove(_ connection: ServerConnection) {
        state.withLock { state in _ = state.open.removeValue(forKey: ObjectIdentifier(connection)) }
    }

    /// Whether the server stops.
    var isDraining: Bool { state.withLock { $0.drainLimit != nil } }

    /// Those that are open.
    var open: [ServerConnection] { state.withLock { state in Array(state.open.values) } }

    /// Admits no more connections.
    ///
    /// - Returns: Those that are open.
    func close(limit: NIODeadline) -> [ServerConnection] {
        state.withLock { state in
            state.drainLimit = limit
            return Array(state.open.values)
        }
    }
}
