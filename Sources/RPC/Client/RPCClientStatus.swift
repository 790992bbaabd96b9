public import NIOCore

/// What a client knows of its target at one moment, over all its event loops.
public struct RPCClientStatus: Sendable {
    /// How far the connections to an endpoint are: that of the event loop which is furthest.
    public enum Phase: Int, Sendable {
        /// The last attempt failed; the next one waits.
        case backingOff
        case idle
        case connecting
        /// The transport is there, the server has not said HELLO.
        case silent
        case ready
    }

    /// One address of the server.
    public struct Endpoint: Sendable {
        /// `1.2.3.4:5` or `[::1]:5`.
        public var address: String
        /// How far its connections are.
        public var phase: Phase
        /// Connections, those included that only finish their calls.
        public var connections: Int
        /// Unary calls and streams.
        public var callsUnderWay: Int
        /// Peak-EWMA latency in milliseconds, failures counted as slow; 0 if nothing is known.
        ///
        /// The slowest of all event loops.
        public var latencyMilliseconds: Double
        /// Until when it gets no calls because it failed too often; `nil` if it is well.
        ///
        /// The latest of all event loops.
        public var setAsideUntil: NIODeadline?
    }

    /// The service's name.
    public var name: String
    /// Its addresses, in the resolver's order.
    public var endpoints: [Endpoint]
    /// Calls that wait for a connection or a free stream.
    public var callsWaiting: Int
    /// Calls that wait for the time of their next try.
    public var callsResting: Int
    /// Tries beyond the first that the budget still allows.
    public var retriesLeft: Int
}

extension RPCClient {
    /// How the client and the replicas it knows are doing.
    public func status() async -> RPCClientStatus {
        var whole: RPCClientStatus?
        for loop in loops {
            // Asking waits for nothing that could fail, but for a loop that has stopped.
            guard let part = try? await loop.eventLoop.submit({ loop.status() }).get() else {
                continue
            }
            whole?.add(part)
            whole = whole ?? part
        }
        return whole
            ?? RPCClientStatus(
                name: name,
                endpoints: [],
                callsWaiting: 0,
                callsResting: 0,
                retriesLeft: 0
            )
    }
}

extension RPCClientStatus {
    /// Joins what another event loop knows.
    fileprivate mutating func add(_ other: RPCClientStatus) {
        callsWaiting += other.callsWaiting
        callsResting += other.callsResting
        for endpoint in other.endpoints {
            guard let index = endpoints.firstIndex(where: { $0.address == endpoint.address })
            else {
                endpoints.append(endpoint)
                continue
            }
            endpoints[index].add(endpoint)
        }
    }
}

extension RPCClientStatus.Endpoint {
    fileprivate mutating func add(_ other: Self) {
        if other.phase.rawValue > phase.rawValue { phase = other.phase }
        connections += other.connections
        callsUnderWay += other.callsUnderWay
        latencyMilliseconds = max(latencyMilliseconds, other.latencyMilliseconds)
        if let until = other.setAsideUntil { setAsideUntil = max(setAsideUntil ?? until, until) }
    }
}

extension ClientLoop {
    /// What this event loop knows.
    fileprivate func status() -> RPCClientStatus {
        let now = eventLoop.now
        return RPCClientStatus(
            name: name,
            endpoints: zip(endpoints, balancer.loads).map { endpoint, load in
                RPCClientStatus.Endpoint(
                    address: endpoint.address.text,
                    phase: endpoint.statusPhase,
                    connections: endpoint.connections,
                    callsUnderWay: load.calls + load.streams,
                    latencyMilliseconds: load.latency(at: now) / 1e6,
                    setAsideUntil: load.setAsideUntil
                )
            },
            callsWaiting: queue.count,
            callsResting: resting.count,
            retriesLeft: budget.left(at: now)
        )
    }
}

extension ClientEndpoint {
    fileprivate var statusPhase: RPCClientStatus.Phase {
        switch phase {
        case .idle: .idle
        case .connecting: .connecting
        case .connected: isGreeted ? .ready : .silent
        case .backingOff: .backingOff
        }
    }
}
