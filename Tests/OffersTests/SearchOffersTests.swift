import Contracts
import RPC
import Testing

@testable import Offers

@Suite struct SearchOffersTests {
    /// Offers whose order and distances are known; Reims is 51454, Paris 75056, Lyon 69123.
    private static let jobs = [
        SampleOffers.job(
            "old",
            "Vendeur en boulangerie",
            created: "2026-01-04T00:00:00Z",
            contract: "CDI"
        ),
        SampleOffers.job("new", "Vendeuse (H/F)", created: "2026-05-10T00:00:00Z"),
        SampleOffers.job(
            "body",
            "Employé polyvalent",
            description: "Vous serez vendeur",
            created: "2026-05-11T00:00:00Z"
        ),
        SampleOffers.job("paris", "Vendeur", commune: "75056", created: "2026-05-09T00:00:00Z"),
        SampleOffers.job(
            "lyon",
            "Développeuse C++",
            commune: "69123",
            created: "2026-05-08T00:00:00Z",
            extra: #","romeCode":"M1805","dureeTravailLibelleConverti":"Temps partiel""#
        ),
        SampleOffers.job(
            "nowhere",
            "Vendeur à domicile",
            commune: "",
            created: "2026-05-07T00:00:00Z",
            experience: "E"
        ),
    ].joined(separator: "\n")

    private func withSamples(_ body: (OffersScene) async throws -> Void) async throws {
        try await withOffers { scene in
            let imported = try await scene.importOffers(Self.jobs, from: .franceTravail)
            #expect(imported.created == 6)
            let company = SampleOffers.immersion("12345678900011")
            _ = try await scene.importOffers(company, from: .immersionFacilitee)
            try await body(scene)
        }
    }

    @Test func wordsInTheTitleComeBeforeWordsInTheText() async throws {
        try await withSamples { scene async throws in
            let expected = ["new", "paris", "nowhere", "old", "12345678900011-D1106-l1", "body"]
            #expect(try await scene.found("vendeur") == expected)
            #expect(try await scene.found("VENDEUSES") == expected)
        }
    }

    @Test func allWordsMustBeThere() async throws {
        try await withSamples { scene async throws in
            #expect(
                try await scene.found("vendeuse boulangerie") == ["old", "12345678900011-D1106-l1"]
            )
            #expect(try await scene.found("vendeur astronaute") == [])
            #expect(try await scene.found("l'employée polyvalente") == ["body"])
            #expect(try await scene.found("developpeur c++") == ["lyon"])
            #expect(try await scene.found("developpeur c#") == [])
        }
    }

    @Test func theBeginningOfTheLastWordIsEnoughIfNothingElseIsFound() async throws {
        try await withSamples { scene async throws in
            #expect(try await scene.found("vendeur boulan") == ["old", "12345678900011-D1106-l1"])
            #expect(try await scene.found("dévelop") == ["lyon"])
            #expect(try await scene.found("boulan vendeur") == [])
            #expect(try await scene.found("ve") == [])
        }
    }

    @Test func emptyWordsFindEverythingNewestFirst() async throws {
        try await withSamples { scene async throws in
            let all = ["body", "new", "paris", "lyon", "nowhere", "old", "12345678900011-D1106-l1"]
            for words in ["", "  ", "de la", "!!!", "🙂", "\"", "()*:"] {
                #expect(try await scene.found(words) == all, "\(words)")
            }
            #expect(try await scene.found(SearchOffersRequest(order: .newest)) == all)
        }
    }

    @Test func filtersNarrow() async throws {
        try await withSamples { scene async throws in
            typealias Request = SearchOffersRequest
            #expect(
                try await scene.found(Request(kinds: [.immersion])) == ["12345678900011-D1106-l1"]
            )
            #expect(try await scene.found(Request(kinds: [.civicService])) == [])
            #expect(try await scene.found(Request(contracts: [.cdi])) == ["old"])
            #expect(try await scene.found(Request(contracts: [.cdi, .immersionPeriod])).count == 2)
            #expect(
                try await scene.found(Request(experiences: [.experienceRequired])) == ["nowhere"]
            )
            #expect(try await scene.found(Request(workingTimes: [.partTime])) == ["lyon"])
            #expect(try await scene.found(Request(romes: ["m1805"])) == ["lyon"])
            #expect(try await scene.found(Request(publishedWithinDays: 2)) == ["body", "new"])
            #expect(
                try await scene.found(
                    Request(words: "vendeur", contracts: [.cdd], publishedWithinDays: 365)
                ).count == 4
            )
        }
    }

    @Test func placesNarrowAndTellDistances() async throws {
        try await withSamples { scene in
            let near = try await scene.client.searchOffers(SearchOffersRequest(place: "Reims"))
            #expect(near.place?.insee == "51454")
            #expect(near.total == 4)
            #expect(near.offers.allSatisfy { $0.distanceM.map { $0 < 10_000 } == true })
            let wide = SearchOffersRequest(
                words: "vendeur",
                place: "51100",
                radiusKm: 200,
                order: .nearest
            )
            let found = try await scene.client.searchOffers(wide).offers
            #expect(found.map(\.id).last == "france-travail:paris")
            #expect(found.map { $0.distanceM ?? 0 } == found.map { $0.distanceM ?? 0 }.sorted())
            #expect((125_000...140_000).contains(found.last?.distanceM ?? 0))
            let everywhere = try await scene.client.searchOffers(
                SearchOffersRequest(words: "vendeur")
            )
            #expect(everywhere.offers.allSatisfy { $0.distanceM == nil } && everywhere.place == nil)
        }
    }

    @Test func bestIsTitleThenNearThenNew() async throws {
        try await withSamples { scene async throws in
            let request = SearchOffersRequest(words: "vendeur", place: "Reims", radiusKm: 200)
            let expected = ["new", "old", "12345678900011-D1106-l1", "paris", "body"]
            #expect(try await scene.found(request) == expected)
        }
    }

    @Test func pagesJoinWithoutGapOrDouble() async throws {
        try await withSamples { scene in
            for order in [SearchOrder.best, .newest, .nearest] {
                for words in ["", "vendeur", "vend"] {
                    var request = SearchOffersRequest(
                        words: words,
                        place: "Reims",
                        radiusKm: 200,
                        order: order
                    )
                    let whole = try await scene.found(request)
                    for limit in 1...4 {
                        request.limit = UInt32(limit)
                        #expect(
                            try await pages(request, scene) == whole,
                            "\(order) \(words) \(limit)"
                        )
                    }
                }
            }
        }
    }

    private func pages(
        _ request: SearchOffersRequest,
        _ scene: OffersScene
    ) async throws -> [String] {
        var request = request
        var ids: [String] = []
        for _ in 0..<20 {
            let page = try await scene.client.searchOffers(request)
            ids += page.offers.map { String($0.id.drop { $0 != ":" }.dropFirst()) }
            #expect(page.offers.count <= Int(request.limit))
            if page.next.isEmpty { return ids }
            request.cursor = page.next
        }
        return ids
    }

    @Test func pagesStayWhileOffersComeAndGo() async throws {
        try await withSamples { scene in
            var request = SearchOffersRequest(words: "vendeur", limit: 2)
            let first = try await scene.client.searchOffers(request)
            #expect(first.offers.map(\.id) == ["france-travail:new", "france-travail:paris"])
            let newer = SampleOffers.job("newest", "Vendeur", created: "2026-05-11T00:00:00Z")
            _ = try await scene.importOffers(newer, from: .franceTravail)
            request.cursor = first.next
            #expect(try await scene.found(request) == ["nowhere", "old"])
        }
    }

    @Test func aCursorIsBoundToItsSearch() async throws {
        try await withSamples { scene in
            let next = try await scene.client.searchOffers(
                SearchOffersRequest(words: "vendeur", limit: 1)
            ).next
            let others = [
                SearchOffersRequest(words: "boulanger", cursor: next),
                SearchOffersRequest(words: "vendeur", place: "Reims", cursor: next),
                SearchOffersRequest(words: "vendeur", order: .newest, cursor: next),
                SearchOffersRequest(words: "vendeur", cursor: "AAAA"),
                SearchOffersRequest(words: "vendeur", cursor: next + "!"),
                SearchOffersRequest(words: "vendeur", cursor: String(repeating: "A", count: 5_000)),
            ]
            for request in others { await refused(request, naming: "cursor", scene) }
            let same = SearchOffersRequest(words: "VENDEUR", limit: 5, cursor: next)
            #expect(try await scene.found(same).first == "paris")
        }
    }

    @Test func badFieldsAreNamed() async throws {
        try await withSamples { scene in
            typealias Request = SearchOffersRequest
            let bad: [(Request, String)] = [
                (Request(words: String(repeating: "a", count: 10_000)), "words"),
                (Request(words: String(repeating: "é", count: 201)), "words"),
                (Request(place: "Nulle-Part-les-Bains"), "place"), (Request(place: "🙂"), "place"),
                (Request(place: String(repeating: "x", count: 5_000)), "place"),
                (Request(order: .nearest), "place"), (Request(radiusKm: 201), "radius_km"),
                (Request(kinds: [.unspecified]), "kinds[0]"),
                (Request(contracts: [.cdi, .unrecognized(77)]), "contracts[1]"),
                (Request(romes: ["boulanger"]), "romes[0]"),
                (Request(publishedWithinDays: 366), "published_within_days"),
                (Request(order: .unrecognized(9)), "order"), (Request(limit: 101), "limit"),
                (Request(kinds: Array(repeating: .job, count: 500)), "kinds"),
            ]
            for (request, field) in bad { await refused(request, naming: field, scene) }
        }
    }

    private func refused(
        _ request: SearchOffersRequest,
        naming field: String,
        _ scene: OffersScene
    ) async {
        let error = await #expect(throws: RPCError.self) {
            try await scene.client.searchOffers(request)
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix("\(field) ") == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        "\"", "a AND OR NOT", "NEAR(a b)", "title:vendeur", "* ^ - +", "a\" OR \"b", "{title} : x",
        "'; DROP TABLE offer; --",
        "العمل في فرنسا", "日本語", "👩‍💻 👨‍🍳", "e\u{301}\u{301}\u{301}", "\u{202E}ruednev", "\u{FFFD}",
        "a\tb\nc",
        String(repeating: "vendeur ", count: 25), String(repeating: "a ", count: 100),
        String(repeating: "(", count: 200),
        String(repeating: "\"", count: 199),
    ])
    func anyWordsSurvive(words: String) async throws {
        try await withOffers { scene in
            _ = try await scene.importOffers(SampleOffers.job("1", "Vendeur"), from: .franceTravail)
            let request = SearchOffersRequest(words: words, place: "Reims", radiusKm: 200)
            _ = try await scene.client.searchOffers(request)
            #expect(try await scene.found("vendeur") == ["1"])
        }
    }

    @Test func totalsAreCountedUpToAThousand() async throws {
        try await withOffers { scene in
            let lines = (0..<1_005).map {
                SampleOffers.job("\($0)", $0 < 1_000 ? "Vendeur" : "Serveur")
            }
            _ = try await scene.importOffers(lines.joined(separator: "\n"), from: .franceTravail)
            let all = try await scene.client.searchOffers(SearchOffersRequest())
            #expect((all.total, all.totalIsLowerBound, all.offers.count) == (1_000, true, 20))
            let some = try await scene.client.searchOffers(
                SearchOffersRequest(words: "vendeur", place: "Reims")
            )
            #expect((some.total, some.totalIsLowerBound) == (1_000, false))
            let few = try await scene.client.searchOffers(SearchOffersRequest(words: "serveuse"))
            #expect((few.total, few.totalIsLowerBound, few.next) == (5, false, ""))
        }
    }
}
