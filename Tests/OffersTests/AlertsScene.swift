import Contracts
import Offers
import RPC
import ServiceKit
import Storage

/// The services of saved searches and pursuits beside that of offers, on one database.
struct AlertsScene {
    let offers: OffersScene
    let service: OffersService
    let alerts: AlertsClient
    let pursuits: PursuitsClient

    /// Ids that differ by a number.
    static func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "0190b6e0-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count)
            + digits
    }

    /// Saves a search of the young person's.
    @discardableResult
    func save(
        _ number: Int,
        _ criteria: SearchOffersRequest,
        name: String = "Recherche",
        options: CallOptions = .youngPerson
    ) async throws -> SavedSearch {
        try await alerts.saveSearch(
            SaveSearchRequest(
                id: Self.id(number),
                search: NamedSearch(name: name, criteria: criteria)
            ),
            options: options
        )
    }

    /// The ids of the offers that a search found last, without their source, latest first.
    func found(_ number: Int) async throws -> [String] {
        try await alerts.listFoundOffers(
            ListFoundOffersRequest(searchID: Self.id(number)),
            options: .youngPerson
        ).offers.map { found in
            String((found.offer?.id ?? "").drop { $0 != ":" }.dropFirst())
        }
    }

    /// The young person's saved searches.
    func searches(options: CallOptions = .youngPerson) async throws -> [SavedSearch] {
        try await alerts.listSearches(
            ListSearchesRequest(youngPersonID: OffersScene.youngPerson),
            options: options
        ).searches
    }

    /// Brings in jobs of France Travail.
    func importJobs(_ jobs: [String]) async throws {
        _ = try await offers.importOffers(jobs.joined(separator: "\n"), from: .franceTravail)
    }
}

extension AlertMatcher {
    /// Passes until no new offer waits; answers all they did.
    mutating func passAll() async throws -> [Pass] {
        var passes: [Pass] = []
        while let pass = try await pass() { passes.append(pass) }
        return passes
    }
}

/// Runs `body` against the real services over the in-process transport, on an empty database.
func withAlerts<Result>(_ body: (AlertsScene) async throws -> Result) async throws -> Result {
    let database = try Database.inMemory(migrations: OffersSchema.migrations)
    try await follow(database)
    return try await withAlerts(on: database, body)
}

/// Runs `body` against the real services on `database`.
func withAlerts<Result>(
    on database: Database,
    _ body: (AlertsScene) async throws -> Result
) async throws -> Result {
    let clock = SettableClock(OffersScene.monday)
    let service = OffersService(database: database) { clock.now }
    let services: [any RPCService] = [
        service, AlertsService(beside: service), PursuitsService(beside: service),
    ]
    return try await withInProcessServer(services) { client in
        let offers = OffersScene(
            database: database,
            clock: clock,
            client: OffersClient(client),
            sources: OfferSourcesClient(client)
        )
        return try await body(
            AlertsScene(
                offers: offers,
                service: service,
                alerts: AlertsClient(client),
                pursuits: PursuitsClient(client)
            )
        )
    }
}
