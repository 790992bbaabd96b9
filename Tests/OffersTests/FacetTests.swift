import Contracts
import RPC
import Testing

@testable import Offers

@Suite struct FacetTests {
    private static let jobs = [
        SampleOffers.job("1", "Vendeur", created: "2026-05-10T12:00:00Z", contract: "CDI"),
        SampleOffers.job("2", "Vendeur", created: "2026-05-09T12:00:00Z", contract: "CDI"),
        SampleOffers.job(
            "3",
            "Vendeur",
            created: "2026-04-20T12:00:00Z",
            contract: "CDD",
            experience: "E"
        ),
        SampleOffers.job("4", "Serveur", commune: "75056", contract: "CDD"),
    ].joined(separator: "\n")

    private func counts(_ counts: [FacetCount]) -> [UInt32: UInt32] {
        Dictionary(uniqueKeysWithValues: counts.map { ($0.value, $0.count) })
    }

    @Test func choicesAreCounted() async throws {
        try await withOffers { scene in
            _ = try await scene.importOffers(Self.jobs, from: .franceTravail)
            let answer = try await scene.client.searchOffers(SearchOffersRequest(words: "vendeur"))
            let facets = try #require(answer.facets)
            #expect(counts(facets.kinds) == [1: 3])
            #expect(counts(facets.contracts) == [1: 2, 2: 1])
            #expect(counts(facets.experiences) == [1: 2, 3: 1])
            #expect(counts(facets.publishedWithinDays) == [1: 1, 3: 2, 7: 2, 14: 2, 31: 3])
        }
    }

    @Test func aFilterIsLeftAsideInItsOwnCounts() async throws {
        try await withOffers { scene in
            _ = try await scene.importOffers(Self.jobs, from: .franceTravail)
            let request = SearchOffersRequest(
                words: "vendeur",
                contracts: [.cdi],
                publishedWithinDays: 2
            )
            let answer = try await scene.client.searchOffers(request)
            #expect(answer.total == 2)
            let facets = try #require(answer.facets)
            // Of the last two days; the other contract is older.
            #expect(counts(facets.contracts) == [1: 2])
            #expect(counts(facets.publishedWithinDays)[31] == 2)
            #expect(counts(facets.experiences) == [1: 2])
        }
    }

    @Test func eachOfferSaysWhyItIsShown() async throws {
        try await withOffers { scene in
            _ = try await scene.importOffers(Self.jobs, from: .franceTravail)
            let request = SearchOffersRequest(words: "vendeuse", place: "Reims")
            let reasons = try await scene.client.searchOffers(request).offers[0].reasons
            #expect(reasons.map(\.kind) == [.wordsInTitle, .nearThePlace, .recent])
            #expect(reasons[0].text == "« vendeuse » dans le titre")
            #expect(reasons[1].text.hasPrefix("à moins de 1 km"))
        }
    }
}
