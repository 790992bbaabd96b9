import Contracts
import RPC
import ServiceKit
import Storage
import Testing

@testable import Offers

@Suite struct SavedSearchTests {
    private let criteria = SearchOffersRequest(words: "vendeuse", place: "Reims")

    @Test func theSameAgainIsTheSameSuccessAndOtherContentIsRefused() async throws {
        try await withAlerts { scene in
            let first = try await scene.save(1, criteria, name: "Vente")
            scene.offers.clock.advance(days: 1)
            #expect(try await scene.save(1, criteria, name: "Vente") == first)
            #expect(try await scene.searches() == [first])
            #expect(try await scene.offers.feed(SearchSaved.self).map(\.search) == [first])
            let error = await #expect(throws: RPCError.self) {
                try await scene.save(1, criteria, name: "Autre")
            }
            #expect(error?.code == .alreadyExists)
            let other = await #expect(throws: RPCError.self) {
                try await scene.save(
                    1,
                    criteria,
                    name: "Vente",
                    options: .by(.youngPerson(OffersScene.secondYoungPerson))
                )
            }
            #expect(other?.code == .alreadyExists)
        }
    }

    @Test func aSearchIsRenamedChangedAndForgotten() async throws {
        try await withAlerts { scene in
            try await scene.save(1, criteria, name: "Vente")
            func change(
                _ name: String,
                _ criteria: SearchOffersRequest
            ) async throws -> SavedSearch {
                try await scene.alerts.changeSearch(
                    ChangeSearchRequest(
                        id: AlertsScene.id(1),
                        search: NamedSearch(name: name, criteria: criteria)
                    ),
                    options: .youngPerson
                )
            }
            let renamed = try await change("Vente à Reims", criteria)
            #expect(renamed.search?.name == "Vente à Reims")
            let changed = try await change("Vente", SearchOffersRequest(words: "vendeur"))
            #expect(try await change("Vente", SearchOffersRequest(words: "vendeur")) == changed)
            #expect(try await scene.searches() == [changed])
            #expect(try await scene.offers.feed(SearchSaved.self).count == 3)
            for _ in 0..<2 {
                _ = try await scene.alerts.deleteSearch(
                    DeleteSearchRequest(id: AlertsScene.id(1)),
                    options: .youngPerson
                )
            }
            #expect(try await scene.searches() == [])
            #expect(try await scene.offers.feed(SearchDeleted.self).count == 1)
            let error = await #expect(throws: RPCError.self) { try await change("x", criteria) }
            #expect(error?.code == .notFound)
        }
    }

    @Test func twentySearchesAreTheMost() async throws {
        try await withAlerts { scene in
            for number in 1...20 { try await scene.save(number, criteria) }
            let error = await #expect(throws: RPCError.self) { try await scene.save(21, criteria) }
            #expect(error?.code == .failedPrecondition)
            _ = try await scene.alerts.deleteSearch(
                DeleteSearchRequest(id: AlertsScene.id(3)),
                options: .youngPerson
            )
            try await scene.save(21, criteria)
            // A deleted search gives its id back.
            let full = await #expect(throws: RPCError.self) { try await scene.save(3, criteria) }
            #expect(full?.code == .failedPrecondition)
            #expect(try await scene.searches().count == 20)
        }
    }

    @Test(arguments: [
        (NamedSearch(criteria: SearchOffersRequest()), "search.name "),
        (NamedSearch(name: "a\nb", criteria: SearchOffersRequest()), "search.name "),
        (
            NamedSearch(name: String(repeating: "é", count: 101), criteria: SearchOffersRequest()),
            "search.name "
        ),
        (NamedSearch(name: "a"), "search.criteria "),
        (
            NamedSearch(name: "a", criteria: SearchOffersRequest(place: "Atlantide")),
            "search.criteria.place "
        ),
        (
            NamedSearch(name: "a", criteria: SearchOffersRequest(romes: ["x"])),
            "search.criteria.romes[0] "
        ),
        (
            NamedSearch(name: "a", criteria: SearchOffersRequest(limit: 5)),
            "search.criteria.limit "
        ),
        (
            NamedSearch(name: "a", criteria: SearchOffersRequest(cursor: "x")),
            "search.criteria.cursor "
        ),
    ])
    func badFieldsAreNamed(search: NamedSearch, beginning: String) async throws {
        try await withAlerts { scene in
            let error = await #expect(throws: RPCError.self) {
                try await scene.alerts.saveSearch(
                    SaveSearchRequest(id: AlertsScene.id(1), search: search),
                    options: .youngPerson
                )
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.hasPrefix(beginning) == true, "\(error?.message ?? "")")
            #expect(scene.offers.database.feedHead == 0)
        }
    }

    @Test func onlyTheCounsellorWithWhomOneSharesSeesThem() async throws {
        try await withAlerts { scene in
            let saved = try await scene.save(1, criteria)
            #expect(try await scene.searches(options: .counsellor) == [saved])
            _ = try await scene.pursuits.setSharing(
                SetSharingRequest(shared: false),
                options: .youngPerson
            )
            #expect(try await scene.searches(options: .counsellor) == [])
            #expect(try await scene.searches() == [saved])
            for caller in [
                Caller.youngPerson(OffersScene.secondYoungPerson),
                .counsellor("00000000-0000-7000-8000-0000000000c2"), .visitor,
            ] {
                let error = await #expect(throws: RPCError.self) {
                    try await scene.searches(options: .by(caller))
                }
                #expect(error?.code == .permissionDenied)
            }
            let stranger = CallOptions.by(.youngPerson(OffersScene.secondYoungPerson))
            let found = await #expect(throws: RPCError.self) {
                try await scene.alerts.listFoundOffers(
                    ListFoundOffersRequest(searchID: AlertsScene.id(1)),
                    options: stranger
                )
            }
            #expect(found?.code == .notFound)
            _ = try await scene.alerts.deleteSearch(
                DeleteSearchRequest(id: AlertsScene.id(1)),
                options: stranger
            )
            #expect(try await scene.searches() == [saved])
        }
    }
}
