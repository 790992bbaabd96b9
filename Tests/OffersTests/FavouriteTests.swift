import Contracts
import RPC
import Testing

@testable import Offers

@Suite struct FavouriteTests {
    private func withSamples(_ body: (OffersScene) async throws -> Void) async throws {
        try await withOffers { scene in
            let lines = ["A", "B", "C"].map { SampleOffers.job($0, "Vendeur") }.joined(
                separator: "\n"
            )
            _ = try await scene.importOffers(lines, from: .franceTravail)
            try await body(scene)
        }
    }

    private func saved(
        _ scene: OffersScene,
        by options: CallOptions = .youngPerson
    ) async throws -> [String] {
        let request = ListFavouritesRequest(youngPersonID: OffersScene.youngPerson)
        return try await scene.client.listFavourites(request, options: options).favourites
            .map { $0.offer?.id ?? "" }
    }

    @Test func savingAgainChangesNothing() async throws {
        try await withSamples { scene in
            let request = AddFavouriteRequest(offerID: "france-travail:A")
            let first = try await scene.client.addFavourite(request, options: .youngPerson)
            scene.clock.advance(days: 1)
            #expect(try await scene.client.addFavourite(request, options: .youngPerson) == first)
            #expect(try await saved(scene) == ["france-travail:A"])
            #expect(try await saved(scene, by: .counsellor) == ["france-travail:A"])
            #expect(try await scene.feed(FavouriteAdded.self).map(\.favourite) == [first])
        }
    }

    @Test func forgettingAgainChangesNothing() async throws {
        try await withSamples { scene in
            _ = try await scene.client.addFavourite(
                AddFavouriteRequest(offerID: "france-travail:A"),
                options: .youngPerson
            )
            for _ in 0..<2 {
                _ = try await scene.client.removeFavourite(
                    RemoveFavouriteRequest(offerID: "france-travail:A"),
                    options: .youngPerson
                )
            }
            #expect(try await saved(scene) == [])
            #expect(
                try await scene.feed(FavouriteRemoved.self).map(\.offerID) == ["france-travail:A"]
            )
        }
    }

    @Test func latestComeFirstInPages() async throws {
        try await withSamples { scene in
            for id in ["B", "A", "C"] {
                _ = try await scene.client.addFavourite(
                    AddFavouriteRequest(offerID: "france-travail:\(id)"),
                    options: .youngPerson
                )
                scene.clock.advance(days: 0, milliseconds: id == "B" ? 0 : 1)
            }
            #expect(try await saved(scene) == ["C", "B", "A"].map { "france-travail:\($0)" })
            var request = ListFavouritesRequest(limit: 1)
            var seen: [String] = []
            for _ in 0..<3 {
                let page = try await scene.client.listFavourites(request, options: .youngPerson)
                seen += page.favourites.map { $0.offer?.id ?? "" }
                request.cursor = page.next
            }
            #expect(seen == ["C", "B", "A"].map { "france-travail:\($0)" })
            #expect(request.cursor.isEmpty)
        }
    }

    @Test func unknownOffersAndOtherCallersAreRefused() async throws {
        try await withSamples { scene in
            let unknown = await #expect(throws: RPCError.self) {
                try await scene.client.addFavourite(
                    AddFavouriteRequest(offerID: "x:0"),
                    options: .youngPerson
                )
            }
            #expect(unknown?.code == .notFound)
            let counsellor = await #expect(throws: RPCError.self) {
                try await scene.client.addFavourite(
                    AddFavouriteRequest(offerID: "france-travail:A"),
                    options: .counsellor
                )
            }
            #expect(counsellor?.code == .permissionDenied)
            let told = try await scene.feed(FavouriteAdded.self)
            #expect(told.isEmpty)
        }
    }

    @Test func aClosedOfferStaysAmongTheSavedMarked() async throws {
        try await withOffers { scene in
            func json(_ status: String) -> String {
                #"{"identifier":{"id":"1"},"offer":{"title":"Vendeur","status":"\#(status)"}}"#
            }
            _ = try await scene.importOffers(json("Active"), from: .laBonneAlternance)
            _ = try await scene.client.addFavourite(
                AddFavouriteRequest(offerID: "la-bonne-alternance:1"),
                options: .youngPerson
            )
            _ = try await scene.importOffers(json("Cancelled"), from: .laBonneAlternance)
            let list = try await scene.client.listFavourites(
                ListFavouritesRequest(),
                options: .youngPerson
            )
            #expect(list.favourites.map { $0.offer?.closed } == [true])
        }
    }

    @Test func theToolboxIsOpenToAll() async throws {
        try await withOffers { scene in
            let tools = try await scene.client.listTools(ListToolsRequest()).tools
            #expect(tools.count >= 15)
            #expect(Set(tools.map(\.id)).count == tools.count)
            #expect(tools.first?.id == "simulateur-aides")
            for tool in tools {
                #expect(
                    tool.url.hasPrefix("https://") && !tool.title.isEmpty
                        && tool.purpose.hasSuffix(".")
                )
            }
        }
    }
}
