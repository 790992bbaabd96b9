import Contracts
import RPC
import ServiceKit
import Storage
import Testing

@testable import Offers

@Suite struct AlertMatcherTests {
    @Test func aNewOfferIsFoundOnceByEachSearchThatFitsIt() async throws {
        try await withAlerts { scene in
            try await scene.save(1, SearchOffersRequest(words: "vendeuse", place: "Reims"))
            try await scene.save(2, SearchOffersRequest(words: "vendeur", place: "Paris"))
            try await scene.save(3, SearchOffersRequest())
            var matcher = AlertMatcher(beside: scene.service)
            try await scene.importJobs([
                SampleOffers.job("A", "Vendeur"), SampleOffers.job("B", "Boulanger"),
            ])
            let passes = try await matcher.passAll()
            #expect(passes.map(\.offers) == [2])
            #expect(passes.map(\.matches) == [3])
            #expect(passes.map(\.searches) == [2])
            #expect(try await matcher.pass() == nil)
            #expect(try await scene.found(1) == ["A"])
            #expect(try await scene.found(2) == [])
            #expect(Set(try await scene.found(3)) == ["A", "B"])
            #expect(try await scene.searches().map(\.found) == [1, 0, 2])
            let told = try await scene.offers.feed(OffersFound.self)
            #expect(told.map(\.count).sorted() == [1, 2])
            #expect(told.allSatisfy { $0.youngPersonID == OffersScene.youngPerson })
        }
    }

    @Test func whatCameBeforeASearchOrChangesLaterIsNotNew() async throws {
        try await withAlerts { scene in
            var matcher = AlertMatcher(beside: scene.service)
            // Waits while the search is saved.
            try await scene.importJobs([SampleOffers.job("A", "Vendeur")])
            try await scene.save(1, SearchOffersRequest(words: "vendeur"))
            _ = try await matcher.passAll()
            try await scene.importJobs([
                SampleOffers.job("A", "Vendeur", description: "Autre texte"),
                SampleOffers.job("B", "Vendeur"),
            ])
            _ = try await matcher.passAll()
            #expect(try await scene.found(1) == ["B"])
            // With other criteria it begins anew; with another name it goes on.
            _ = try await scene.alerts.changeSearch(
                ChangeSearchRequest(
                    id: AlertsScene.id(1),
                    search: NamedSearch(name: "x", criteria: SearchOffersRequest(words: "vendeur"))
                ),
                options: .youngPerson
            )
            try await scene.importJobs([SampleOffers.job("C", "Vendeur")])
            _ = try await matcher.passAll()
            #expect(try await scene.found(1) == ["C", "B"])
            try await scene.importJobs([SampleOffers.job("D", "Boulanger")])
            _ = try await scene.alerts.changeSearch(
                ChangeSearchRequest(
                    id: AlertsScene.id(1),
                    search: NamedSearch(
                        name: "x",
                        criteria: SearchOffersRequest(words: "boulanger")
                    )
                ),
                options: .youngPerson
            )
            #expect(try await scene.found(1) == [])
            try await scene.importJobs([SampleOffers.job("E", "Boulanger")])
            _ = try await matcher.passAll()
            #expect(try await scene.found(1) == ["E"])
            #expect(try await scene.searches().map(\.found) == [1])
        }
    }

    @Test func aDeletedSearchFindsNothingAndIsForgotten() async throws {
        try await withAlerts { scene in
            try await scene.save(1, SearchOffersRequest(words: "vendeur"))
            var matcher = AlertMatcher(beside: scene.service)
            try await scene.importJobs([SampleOffers.job("A", "Vendeur")])
            _ = try await matcher.passAll()
            try await scene.importJobs([SampleOffers.job("B", "Vendeur")])
            _ = try await scene.alerts.deleteSearch(
                DeleteSearchRequest(id: AlertsScene.id(1)),
                options: .youngPerson
            )
            _ = try await matcher.passAll()
            #expect(try await scene.offers.feed(OffersFound.self).count == 1)
            let (searches, arrivals) = try await scene.offers.database.read { reader in
                (
                    try reader.rows("SELECT id FROM saved_search").count,
                    try reader.rows("SELECT number FROM offer_arrival").count
                )
            }
            #expect(searches == 0)
            #expect(arrivals == 0)
        }
    }

    @Test func aMatcherStartedAnewGoesOnWhereTheLastStopped() async throws {
        try await withAlerts { scene in
            try await scene.save(1, SearchOffersRequest(words: "vendeur"))
            for id in ["A", "B", "C"] {
                try await scene.importJobs([SampleOffers.job(id, "Vendeur")])
                var matcher = AlertMatcher(beside: scene.service)
                _ = try await matcher.passAll()
            }
            #expect(try await scene.found(1) == ["C", "B", "A"])
            #expect(try await scene.offers.feed(OffersFound.self).map(\.count) == [1, 1, 1])
        }
    }

    /// A process may end after some searches of a pass were brought up to date and others not.
    @Test func aPassThatBrokeOffFindsNothingTwiceAndLosesNothing() async throws {
        try await withAlerts { scene in
            try await scene.save(1, SearchOffersRequest(words: "vendeur"))
            try await scene.save(2, SearchOffersRequest(words: "vendeur"))
            try await scene.importJobs([SampleOffers.job("A", "Vendeur")])
            let store = MatchStore(database: scene.offers.database)
            let changed = try await store.changedSearches(after: 0)
            let first = try #require(changed.first)
            let found = MatchStore.Found(
                id: first.id,
                compared: first.compared,
                count: 1,
                offerIDs: ["france-travail:A"]
            )
            try await store.write([found], through: 1, at: OffersScene.monday)
            // The same again, as a second process would, does nothing.
            try await store.write([found], through: 1, at: OffersScene.monday)
            try await scene.importJobs([SampleOffers.job("B", "Vendeur")])
            var matcher = AlertMatcher(beside: scene.service)
            _ = try await matcher.passAll()
            #expect(try await scene.found(1) == ["B", "A"])
            #expect(try await scene.found(2) == ["B", "A"])
            #expect(try await scene.searches().map(\.found) == [2, 2])
            let told = try await scene.offers.feed(OffersFound.self)
            #expect(told.map(\.count).reduce(0, +) == 4)
        }
    }

    @Test func onlyTheLastTwentyAreKept() async throws {
        try await withAlerts { scene in
            try await scene.save(1, SearchOffersRequest(words: "vendeur"))
            var matcher = AlertMatcher(beside: scene.service)
            try await scene.importJobs((10..<40).map { SampleOffers.job("\($0)", "Vendeur") })
            _ = try await matcher.passAll()
            try await scene.importJobs([SampleOffers.job("99", "Vendeur")])
            _ = try await matcher.passAll()
            #expect(
                try await scene.found(1) == ["99"] + (21..<40).reversed().map { "\($0)" }
            )
            #expect(try await scene.searches().map(\.found) == [31])
        }
    }
}
