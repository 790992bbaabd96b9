import Contracts
import RPC
import ServiceKit
import Storage
import Testing

@testable import Offers

@Suite struct SuggestionTests {
    private let search = NamedSearch(
        name: "Vente à Reims",
        criteria: SearchOffersRequest(words: "vendeur", place: "Reims")
    )

    private func withSamples(_ body: (AlertsScene) async throws -> Void) async throws {
        try await withAlerts { scene in
            try await scene.importJobs([SampleOffers.job("A", "Vendeur")])
            try await body(scene)
        }
    }

    private func request(
        _ content: SuggestionContent.Content,
        to people: [String] = [OffersScene.youngPerson]
    ) -> SuggestRequest {
        SuggestRequest(
            targets: people.enumerated().map { index, person in
                SuggestionTarget(id: AlertsScene.id(index + 1), youngPersonID: person)
            },
            content: SuggestionContent(content: content)
        )
    }

    private func answer(
        _ scene: AlertsScene,
        _ accepted: Bool,
        _ number: Int = 1,
        options: CallOptions = .youngPerson
    ) async throws -> Suggestion {
        try await scene.alerts.answerSuggestion(
            AnswerSuggestionRequest(id: AlertsScene.id(number), accepted: accepted),
            options: options
        )
    }

    private func listed(
        _ scene: AlertsScene,
        _ states: [SuggestionState] = [],
        options: CallOptions = .counsellor
    ) async throws -> [Suggestion] {
        try await scene.alerts.listSuggestions(
            ListSuggestionsRequest(youngPersonID: OffersScene.youngPerson, states: states),
            options: options
        ).suggestions
    }

    @Test func anAcceptedSearchIsSavedAndHearsOfNewOffers() async throws {
        try await withSamples { scene in
            let suggested = try await scene.alerts.suggest(
                request(.search(search)),
                options: .counsellor
            ).suggestions
            #expect(suggested.map(\.state) == [.suggestionWaiting])
            #expect(try await scene.searches() == [])
            scene.offers.clock.advance(days: 1)
            let accepted = try await answer(scene, true)
            #expect(accepted.state == .suggestionAccepted)
            #expect(accepted.answeredMs == scene.offers.clock.now.milliseconds)
            #expect(try await answer(scene, true) == accepted)
            #expect(try await listed(scene) == [accepted])
            #expect(try await listed(scene, options: .youngPerson) == [accepted])
            let saved = try await scene.searches()
            #expect(saved.map(\.search) == [search])
            #expect(saved.map(\.id) == [AlertsScene.id(1)])
            var matcher = AlertMatcher(beside: scene.service)
            try await scene.importJobs([SampleOffers.job("B", "Vendeuse")])
            _ = try await matcher.passAll()
            #expect(try await scene.found(1) == ["B"])
            #expect(try await scene.offers.feed(SuggestionMade.self).count == 1)
            #expect(try await scene.offers.feed(SuggestionAnswered.self).count == 1)
        }
    }

    @Test func anAcceptedOfferIsAFavourite() async throws {
        try await withSamples { scene in
            let offer = SuggestionContent.Content.offerID("france-travail:A")
            _ = try await scene.alerts.suggest(request(offer), options: .counsellor)
            let accepted = try await answer(scene, true)
            #expect(accepted.offer?.title == "Vendeur")
            let favourites = try await scene.offers.client.listFavourites(
                ListFavouritesRequest(),
                options: .youngPerson
            )
            #expect(favourites.favourites.map { $0.offer?.id } == ["france-travail:A"])
        }
    }

    @Test func anAnswerIsForGood() async throws {
        try await withSamples { scene in
            _ = try await scene.alerts.suggest(request(.search(search)), options: .counsellor)
            _ = try await answer(scene, false)
            let error = await #expect(throws: RPCError.self) { try await answer(scene, true) }
            #expect(error?.code == .failedPrecondition)
            #expect(try await scene.searches() == [])
            #expect(try await listed(scene, [.suggestionWaiting]) == [])
            #expect(try await listed(scene, [.suggestionDeclined, .suggestionAccepted]).count == 1)
        }
    }

    @Test func withoutRoomForTheSearchTheSuggestionWaits() async throws {
        try await withSamples { scene in
            for number in 101...120 { try await scene.save(number, SearchOffersRequest()) }
            _ = try await scene.alerts.suggest(request(.search(search)), options: .counsellor)
            let error = await #expect(throws: RPCError.self) { try await answer(scene, true) }
            #expect(error?.code == .failedPrecondition)
            #expect(try await listed(scene, [.suggestionWaiting]).count == 1)
        }
    }

    @Test func manyGetItAllOrNoneAndTheSameAgainIsTheSame() async throws {
        try await withSamples { scene in
            let both = [OffersScene.youngPerson, OffersScene.secondYoungPerson]
            let first = try await scene.alerts.suggest(
                request(.search(search), to: both),
                options: .counsellor
            )
            #expect(first.suggestions.map(\.youngPersonID) == both)
            let again = try await scene.alerts.suggest(
                request(.search(search), to: both),
                options: .counsellor
            )
            #expect(again == first)
            #expect(try await scene.offers.feed(SuggestionMade.self).count == 2)
            let other = await #expect(throws: RPCError.self) {
                try await scene.alerts.suggest(
                    request(.offerID("france-travail:A")),
                    options: .counsellor
                )
            }
            #expect(other?.code == .alreadyExists)
            let foreign = await #expect(throws: RPCError.self) {
                try await scene.alerts.suggest(
                    SuggestRequest(
                        targets: [
                            SuggestionTarget(
                                id: AlertsScene.id(8),
                                youngPersonID: OffersScene.youngPerson
                            ),
                            SuggestionTarget(
                                id: AlertsScene.id(9),
                                youngPersonID: OffersScene.othersYoungPerson
                            ),
                        ],
                        content: SuggestionContent(content: .search(search))
                    ),
                    options: .counsellor
                )
            }
            #expect(foreign?.code == .permissionDenied)
            #expect(try await listed(scene).count == 1)
        }
    }

    @Test func badFieldsAreNamed() async throws {
        try await withSamples { scene in
            let person = OffersScene.youngPerson
            let bad: [(SuggestRequest, RPCError.Code, String)] = [
                (request(.search(search), to: []), .invalidArgument, "targets "),
                (
                    request(.search(search), to: [person, person]), .invalidArgument,
                    "targets[1].young_person_id "
                ),
                (request(.search(NamedSearch())), .invalidArgument, "content.search.name "),
                (request(.offerID("")), .invalidArgument, "content.offer_id "),
                (request(.offerID("france-travail:0")), .notFound, ""),
                (
                    SuggestRequest(targets: request(.offerID("")).targets), .invalidArgument,
                    "content "
                ),
            ]
            for (request, code, beginning) in bad {
                let error = await #expect(throws: RPCError.self) {
                    try await scene.alerts.suggest(request, options: .counsellor)
                }
                #expect(error?.code == code)
                #expect(error?.message.hasPrefix(beginning) == true, "\(error?.message ?? "")")
            }
        }
    }

    @Test func anothersSuggestionIsUnknown() async throws {
        try await withSamples { scene in
            _ = try await scene.alerts.suggest(request(.search(search)), options: .counsellor)
            let stranger = CallOptions.by(.youngPerson(OffersScene.secondYoungPerson))
            let error = await #expect(throws: RPCError.self) {
                try await answer(scene, true, options: stranger)
            }
            #expect(error?.code == .notFound)
            let list = await #expect(throws: RPCError.self) {
                try await listed(scene, options: stranger)
            }
            #expect(list?.code == .permissionDenied)
        }
    }

    @Test func listsArePagedLatestFirst() async throws {
        try await withSamples { scene in
            for number in 1...5 {
                _ = try await scene.alerts.suggest(
                    SuggestRequest(
                        targets: [
                            SuggestionTarget(
                                id: AlertsScene.id(number),
                                youngPersonID: OffersScene.youngPerson
                            )
                        ],
                        content: SuggestionContent(content: .search(search))
                    ),
                    options: .counsellor
                )
                if number != 3 { scene.offers.clock.advance(days: 1) }
            }
            var request = ListSuggestionsRequest(limit: 2)
            var seen: [String] = []
            for _ in 0..<3 {
                let page = try await scene.alerts.listSuggestions(request, options: .youngPerson)
                seen += page.suggestions.map(\.id)
                request.cursor = page.next
            }
            #expect(seen == (1...5).reversed().map { AlertsScene.id($0) })
            #expect(request.cursor.isEmpty)
        }
    }
}
