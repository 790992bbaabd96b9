import Contracts
import RPC
public import ServiceKit
import ServiceLifecycle

/// The parts of the `gateway` process.
public enum GatewayProcess {
    /// The door over all services, the first page, live events, and the feeds behind them.
    public static func parts(_ process: ProcessEnvironment) -> ServiceParts {
        let clients = Dictionary(
            uniqueKeysWithValues: LiveHub.sources.map { ($0, process.client($0)) }
        )
        let feeds = clients.mapValues { FeedClient($0) }
        let sessions = Sessions(
            accounts: AccountsClient(process.client("accounts")),
            now: process.now
        )
        let hub = LiveHub(logger: process.logger) { sessions.forget(sessionID: $0) }
        let door = Door(sessions: sessions, clients: clients)
        let home = HomeService(
            accounts: AccountsClient(process.client("accounts")),
            messaging: MessagingClient(process.client("messaging")),
            agenda: AgendaClient(process.client("agenda")),
            actions: ActionsClient(process.client("actions")),
            offers: OffersClient(process.client("offers")),
            now: process.now
        )
        let live = LiveService(
            hub: hub,
            feeds: feeds,
            sessions: sessions,
            pause: { try await Task.sleep(for: $0) }
        )
        return ServiceParts(
            services: services(door: door, home: home, live: live),
            background: feeds.map { source, feed in
                HubFollower(hub: hub, source: source, feed: feed)
            }
        )
    }

    /// What the gateway answers: its own services, and the others' passed on.
    static func services(door: Door, home: HomeService, live: LiveService) -> [any RPCService] {
        let own: [any RPCService] = [
            ForwardedService(
                HomeMethods.service,
                methods: [
                    .unary(HomeMethods.get) { _, call in
                        try await home.get(try await door.person(for: call))
                    }
                ]
            ),
            ForwardedService(
                LiveMethods.service,
                methods: [
                    .serverStream(LiveMethods.watch) { request, responses, call in
                        let person = try await door.person(for: call)
                        try await live.watch(request, responses, person)
                    }
                ]
            ),
        ]
        let passedOn = [
            ("accounts", AccountsMethods.service), ("messaging", MessagingMethods.service),
            ("agenda", AgendaMethods.service), ("actions", ActionsMethods.service),
            ("offers", OffersMethods.service), ("offers", AlertsMethods.service),
            ("offers", PursuitsMethods.service), ("offers", OfferSourcesMethods.service),
        ]
        return own
            + passedOn.map { service, descriptor in
                ForwardedService(
                    descriptor,
                    methods: door.methods(of: descriptor, service: service)
                )
            }
    }
}

/// Follows one service's feed for the hub.
struct HubFollower: Service {
    let hub: LiveHub
    let source: String
    let feed: FeedClient

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await hub.follow(source, through: feed, backoff: Backoff())
        }
    }
}
