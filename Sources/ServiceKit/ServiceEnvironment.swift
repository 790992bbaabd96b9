public import Logging
public import NIOCore
public import RPC
public import ServiceLifecycle
public import Storage
import Synchronization
import TLS

/// What every process of the system has: settings, clock, ids, logger and clients of the others.
public final class ProcessEnvironment: Sendable {
    /// What the process was told.
    public let settings: Settings
    /// Where it reports.
    public let logger: Logger
    /// The clock.
    public let now: @Sendable () -> Timestamp
    /// Makes ids.
    public let ids: IDGenerator
    /// The event loops, one per core.
    public let group: any EventLoopGroup
    private let clientTLS: TLSSource
    private let clients = Mutex<[String: RPCClient]>([:])

    init(
        settings: Settings,
        logger: Logger,
        now: @escaping @Sendable () -> Timestamp,
        group: any EventLoopGroup,
        clientTLS: TLSSource
    ) {
        self.settings = settings
        self.logger = logger
        self.now = now
        ids = IDGenerator()
        self.group = group
        self.clientTLS = clientTLS
    }

    /// The client of another service, made at its first use and shared.
    public func client(_ service: String) -> RPCClient {
        clients.withLock { clients in
            if let client = clients[service] { return client }
            let client = RPCClient(
                target: RPCTarget(name: service, addresses: settings.addresses[service] ?? []),
                configuration: RPCClientConfiguration(
                    instance: settings.instance,
                    logger: logger,
                    observer: settings.metrics == nil ? nil : CallMetrics.client()
                ),
                tls: TLSClient(clientTLS),
                group: group
            )
            clients[service] = client
            return client
        }
    }

    /// How the replicas that this process calls are doing, as introspection tells it.
    func endpoints() async -> [EndpointStatus] {
        let open = clients.withLock { $0 }
        var all: [EndpointStatus] = []
        for (service, client) in open.sorted(by: { $0.key < $1.key }) {
            all += await client.status().endpoints.map { endpoint in
                EndpointStatus(service, endpoint, at: .now())
            }
        }
        return all
    }

    func closeClients() async {
        let open = clients.withLock { clients in
            defer { clients = [:] }
            return Array(clients.values)
        }
        for client in open { await client.close() }
    }
}

extension EndpointStatus {
    fileprivate init(
        _ target: String,
        _ endpoint: RPCClientStatus.Endpoint,
        at now: NIODeadline
    ) {
        let rest = endpoint.setAsideUntil.map { max(0, ($0 - now).nanoseconds / 1_000) } ?? 0
        self.init(
            target: target,
            address: endpoint.address,
            phase: Self.text(endpoint.phase),
            inFlight: UInt32(clamping: endpoint.callsUnderWay),
            latencyUs: UInt64(max(0, endpoint.latencyMilliseconds * 1_000)),
            setAsideUs: UInt64(rest)
        )
    }

    private static func text(_ phase: RPCClientStatus.Phase) -> String {
        switch phase {
        case .idle: "idle"
        case .connecting: "connecting"
        case .silent: "silent"
        case .ready: "ready"
        case .backingOff: "waiting"
        }
    }
}

/// What a service with a database has beside that.
@dynamicMemberLookup
public struct ServiceEnvironment: Sendable {
    /// What every process has.
    public let process: ProcessEnvironment
    /// The service's own database; nobody else opens it.
    public let database: Database

    /// Settings, clock, ids, logger: what every process has.
    public subscript<Value>(dynamicMember path: KeyPath<ProcessEnvironment, Value>) -> Value {
        process[keyPath: path]
    }

    /// The client of another service.
    public func client(_ service: String) -> RPCClient { process.client(service) }
}

/// What a process consists of: what it answers and what it does beside answering.
public struct ServiceParts: Sendable {
    let services: [any RPCService]
    let background: [any Service]

    /// Parts; `background` runs from start to stop of the process.
    public init(services: [any RPCService], background: [any Service] = []) {
        self.services = services
        self.background = background
    }
}
