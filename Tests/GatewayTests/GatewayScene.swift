import Contracts
import RPC
import ServiceKit

@testable import Gateway

/// The gateway over the in-process transport, in front of services that the test stands for.
struct GatewayScene: Sendable {
    /// A client of the gateway, without a certificate.
    let client: RPCClient
    let backend: Backend
    let clock: TestClock
    let sessions: Sessions
    let hub: LiveHub

    /// Calls a method of any kind with one message.
    ///
    /// - Returns: the first message of the answer.
    @discardableResult
    func call(
        _ method: MethodDescriptor,
        _ bytes: [UInt8] = [],
        _ options: CallOptions = CallOptions()
    ) async throws -> [UInt8] {
        if method.kind == .unary {
            let answer = try await client.rawUnary(method, payload(bytes), options: options)
            return try GatewayTests.bytes(of: answer)
        }
        return try await client.rawStream(
            method,
            first: method.kind.clientStreams ? nil : payload(bytes),
            options: options
        ) { writer, answers in
            writer.finish()
            for try await answer in answers { return try GatewayTests.bytes(of: answer) }
            return []
        }
    }
}

/// Runs `body` against a gateway whose services are `backend`.
func withGateway(
    _ backend: Backend = Backend(),
    _ body: (GatewayScene) async throws -> Void
) async throws {
    try await withInProcessServer(backend.services) { services in
        let clock = TestClock()
        let sessions = Sessions(accounts: AccountsClient(services)) { clock.now }
        let hub = LiveHub(logger: quiet) { sessions.forget(sessionID: $0) }
        let live = LiveService(
            hub: hub,
            feeds: [:],
            sessions: sessions,
            pause: { _ in try await Pulse().wait() }
        )
        let all = gatewayServices(services, sessions: sessions, live: live, clock: clock)
        try await withInProcessServer(all, peer: .anonymous) { client in
            try await body(
                GatewayScene(
                    client: client,
                    backend: backend,
                    clock: clock,
                    sessions: sessions,
                    hub: hub
                )
            )
        }
    }
}

/// What the gateway answers, with all services behind one client.
func gatewayServices(
    _ services: RPCClient,
    sessions: Sessions,
    live: LiveService,
    clock: TestClock
) -> [any RPCService] {
    let clients = Dictionary(uniqueKeysWithValues: LiveHub.sources.map { ($0, services) })
    return GatewayProcess.services(
        door: Door(sessions: sessions, clients: clients),
        home: HomeService(
            accounts: AccountsClient(services),
            messaging: MessagingClient(services),
            agenda: AgendaClient(services),
            actions: ActionsClient(services),
            offers: OffersClient(services),
            now: { clock.now }
        ),
        live: live
    )
}

/// A logger like the transport's own.
let quiet = RPCClientConfiguration(instance: "gateway").logger
