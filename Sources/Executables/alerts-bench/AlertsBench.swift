import ArgumentParser
import Contracts
import Foundation
import Offers
import RPC
import ServiceKit
import Storage

/// Measures how long new offers take to be compared with many saved searches, and what was found to
/// be stored.
///
/// All of it is the service's own code on a database on the disk; only the transport is in-process.
@main
struct AlertsBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts-bench",
        abstract: "Compares new offers with saved searches and says how long it took."
    )

    @Option(help: "How many searches are saved, ten for each young person.")
    var searches = 400_000
    @Option(help: "How many new offers come.")
    var offers = 10_000
    @Option(help: "The same seed makes the same searches and offers.")
    var seed: UInt64 = 1
    @Option(help: "Where the database is put; removed in the end.")
    var directory = NSTemporaryDirectory()

    private static let searchesPerPerson = 10
    /// Offers that are compared before the measured ones: they tell rare from common words.
    private static let firstOffers = 1_000

    func run() async throws {
        let folder = "\(directory)/alerts-bench-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let database = try Database.open(
            directory: folder,
            name: "offers",
            migrations: OffersSchema.migrations
        )
        let now = Timestamp(milliseconds: SampleMaker.nowMs)
        let offersService = OffersService(database: database) { now }
        let services: [any RPCService] = [offersService, AlertsService(beside: offersService)]
        try await Population(count: (searches + 9) / Self.searchesPerPerson).store(in: database)
        try await withInProcessServer(services) { connection in
            var maker = SampleMaker(
                seed: seed,
                places: try await Self.places(OffersClient(connection))
            )
            let saving = try await Self.timed {
                try await save(&maker, AlertsClient(connection))
            }
            print("\(searches) searches saved in \(Self.text(saving))")
            var matcher = AlertMatcher(beside: offersService)
            try await importOffers(Self.firstOffers, &maker, OffersClient(connection))
            let first = try await Self.timed { _ = try await pass(&matcher) }
            print("index read, \(Self.firstOffers) offers compared in \(Self.text(first))")
            try await importOffers(offers, &maker, OffersClient(connection))
            let total = try await pass(&matcher)
            report(total)
        }
        try await database.close()
    }

    private func pass(_ matcher: inout AlertMatcher) async throws -> AlertMatcher.Pass {
        var total = AlertMatcher.Pass()
        while let pass = try await matcher.pass() {
            total.offers += pass.offers
            total.searches += pass.searches
            total.matches += pass.matches
            total.comparing += pass.comparing
            total.storing += pass.storing
        }
        return total
    }

    private func report(_ total: AlertMatcher.Pass) {
        print(
            """
            \(total.offers) offers × \(searches) searches
            found:     \(total.matches) pairs, by \(total.searches) searches
            comparing: \(Self.text(total.comparing))
            storing:   \(Self.text(total.storing))
            together:  \(Self.text(total.comparing + total.storing))
            memory:    \(Self.memory()) (most so far)
            """
        )
    }

    private func save(_ maker: inout SampleMaker, _ client: AlertsClient) async throws {
        let underWay = 64
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<searches {
                if number >= underWay { try await group.next() }
                let search = maker.search()
                let person = Population.id(number / Self.searchesPerPerson)
                group.addTask {
                    _ = try await client.saveSearch(
                        SaveSearchRequest(
                            id: Population.searchID(number),
                            search: NamedSearch(name: "Recherche", criteria: search)
                        ),
                        options: CallOptions(
                            metadata: PersonHeaders.metadata(for: .youngPerson(person))
                        )
                    )
                }
            }
            try await group.waitForAll()
        }
    }

    private func importOffers(
        _ count: Int,
        _ maker: inout SampleMaker,
        _ client: OffersClient
    ) async throws {
        let perPiece = 50
        var rest = (0..<count).map { _ in maker.offer() }[...]
        let pieces = stride(from: 0, to: count, by: perPiece).map { _ in
            defer { rest = rest.dropFirst(perPiece) }
            return Array((rest.prefix(perPiece).joined(separator: "\n") + "\n").utf8)
        }
        let answer = try await client.importOffers { writer in
            for piece in pieces {
                try await writer.write(
                    ImportOffersRequest(source: .franceTravail, data: piece)
                )
            }
        }
        guard answer.created == UInt32(count) else {
            throw ValidationError("Only \(answer.created) of \(count) offers were new.")
        }
    }

    /// Communes with their populations, largest first.
    private static func places(_ client: OffersClient) async throws -> [Place] {
        var places: [String: Place] = [:]
        for first in "abcdefghijlmnoprstv" {
            for second in "aeioulrhy" {
                let request = ListPlacesRequest(prefix: "\(first)\(second)", limit: 50)
                for place in try await client.listPlaces(request).places {
                    places[place.insee] = place
                }
            }
        }
        return places.values.sorted { ($1.population, $0.insee) < ($0.population, $1.insee) }
    }

    private static func timed(_ body: () async throws -> Void) async throws -> Duration {
        let start = ContinuousClock.now
        try await body()
        return ContinuousClock.now - start
    }

    private static func text(_ duration: Duration) -> String {
        duration.formatted(.units(allowed: [.seconds], fractionalPart: .show(length: 1)))
    }

    private static func memory() -> String {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kilobytes = line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
        return "\(kilobytes / 1024) MiB"
    }
}
