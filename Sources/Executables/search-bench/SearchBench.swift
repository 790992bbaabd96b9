import ArgumentParser
import Contracts
import Dispatch
import Foundation
import Offers
import RPC
import Storage

/// Runs searches one after the other on a service's database, in this process, and tells how long
/// each took.
@main
struct SearchBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search-bench",
        abstract: "Times searches on the database of a stopped offers service."
    )

    @Option(help: "The service's data directory.")
    var data: String

    @Option(help: "A file of searches: one SearchOffersRequest as JSON a line.")
    var searches: String

    @Option(help: "How often the searches are run; each search counts with its median.")
    var rounds = 3

    func run() async throws {
        let started = DispatchTime.now().uptimeNanoseconds
        let database = try Database.open(
            directory: data,
            name: "offers",
            migrations: OffersSchema.migrations
        )
        let service = OffersService(database: database) {
            Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        }
        let requests = try requests()
        _ = try await service.search(SearchOffersRequest())
        let ready = DispatchTime.now().uptimeNanoseconds - started
        var times = [[UInt64]](repeating: [], count: requests.count)
        var found = 0
        for round in 0..<max(1, rounds) {
            for (index, request) in requests.enumerated() {
                let before = DispatchTime.now().uptimeNanoseconds
                let response = try await service.search(request)
                times[index].append(DispatchTime.now().uptimeNanoseconds - before)
                if round == 0 { found += Int(response.total) }
            }
        }
        report(times.map { $0.sorted()[$0.count / 2] }.sorted(), found: found, ready: ready)
        try await database.close()
    }

    private func requests() throws -> [SearchOffersRequest] {
        let text = try String(contentsOfFile: searches, encoding: .utf8)
        return try text.split(separator: "\n").map { line in
            try JSONDecoder().decode(SearchOffersRequest.self, from: Data(line.utf8))
        }
    }

    private func report(_ times: [UInt64], found: Int, ready: UInt64) {
        func microseconds(_ share: Double) -> UInt64 {
            times.isEmpty ? 0 : times[min(times.count - 1, Int(Double(times.count) * share))] / 1000
        }
        print(
            """
            {"searches": \(times.count), "found": \(found), "ready_ms": \(ready / 1_000_000), \
            "p50_us": \(microseconds(0.5)), "p90_us": \(microseconds(0.9)), \
            "p99_us": \(microseconds(0.99)), "max_us": \(microseconds(1))}
            """
        )
    }
}
