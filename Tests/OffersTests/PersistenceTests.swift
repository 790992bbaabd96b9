import Contracts
import Foundation
import RPC
import Storage
import Testing

@testable import Offers

@Suite struct PersistenceTests {
    @Test func whatWasImportedIsFoundAfterARestart() async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("pass-offers-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = ["A", "B"].map { SampleOffers.job($0, "Vendeur") }.joined(separator: "\n")
        for expected in [
            ImportOffersResponse(created: 2), ImportOffersResponse(same: 2),
        ] {
            let database = try Database.open(
                directory: directory.path,
                name: "offers",
                migrations: OffersSchema.migrations
            )
            let service = OffersService(database: database) { OffersScene.monday }
            try await withInProcessServer([service]) { connection in
                let client = OffersClient(connection)
                let scene = OffersScene(
                    database: database,
                    clock: SettableClock(OffersScene.monday),
                    client: client,
                    sources: OfferSourcesClient(connection)
                )
                let response = try await scene.importOffers(file, from: .franceTravail)
                #expect(response == expected)
                let found = try await scene.found(
                    SearchOffersRequest(words: "vendeuse", place: "Reims")
                )
                #expect(found == ["B", "A"])
            }
            try await database.close()
        }
    }

    @Test func searchesGoOnDuringAnImport() async throws {
        try await withOffers { scene in
            let lines = (0..<1_200).map { SampleOffers.job("\($0)", "Vendeur") }
            let file = lines.joined(separator: "\n")
            async let imported = scene.importOffers(file, from: .franceTravail, pieceBytes: 10_000)
            for _ in 0..<20 {
                let page = try await scene.client.searchOffers(
                    SearchOffersRequest(words: "vendeur")
                )
                #expect(page.offers.allSatisfy { $0.title == "Vendeur" })
            }
            #expect(try await imported.created == 1_200)
            #expect(try await scene.client.searchOffers(SearchOffersRequest()).total == 1_000)
        }
    }
}
