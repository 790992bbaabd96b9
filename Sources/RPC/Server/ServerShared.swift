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

    init(methods: [RPCMethod], configuration: RPCServerConfiguration) {
        self.configuration = configuration
        self.methods = MethodTable(methods)
        announcement = Announcement(
            messageBytes: configuration.messageBytesMax,
            streams: configuration.streamsMax,
            windowBytes: configuration.windowBytes,
            instance: configuration.instance
        )
        connections = ConnectionRegistry(max: configuration.connectionsMax)
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
