import Contracts
import RPC
import Storage
import Testing

@testable import Offers

/// A file that holds all that a source has closes what it lacks.
@Suite struct ListingTests {
    private static func file(_ ids: some Sequence<Int>) -> String {
        ids.map { SampleOffers.job("\($0)", "Vendeur numéro\($0)") }.joined(separator: "\n")
    }

    @Test func whatACompleteFileLacksIsClosedAndStaysWithThoseWhoSavedIt() async throws {
        try await withOffers { scene in
            _ = try await scene.importOffers(Self.file(0..<10), from: .franceTravail)
            _ = try await scene.importOffers(
                SampleOffers.immersion("12345678900011"),
                from: .immersionFacilitee
            )
            _ = try await scene.client.addFavourite(
                AddFavouriteRequest(offerID: "france-travail:3"),
                options: .youngPerson
            )
            let answer = try await scene.importOffers(
                Self.file((0..<10).filter { $0 != 3 }),
                from: .franceTravail,
                isComplete: true
            )
            #expect((answer.same, answer.closed, answer.waiting) == (9, 1, 0))
            #expect(try await scene.found("numero3") == [])
            #expect(try await scene.found("boulangerie").count == 1)
            let saved = try await scene.client.listFavourites(
                ListFavouritesRequest(),
                options: .youngPerson
            )
            #expect(saved.favourites.map(\.offer?.closed) == [true])
            // The source has it again.
            let again = try await scene.importOffers(
                Self.file(0..<10),
                from: .franceTravail,
                isComplete: true
            )
            #expect((again.same, again.changed, again.closed) == (9, 1, 0))
            #expect(try await scene.found("numero3") == ["3"])
        }
    }

    @Test func moreThanThreeInTenWaitForAYes() async throws {
        try await withOffers { scene in
            _ = try await scene.importOffers(Self.file(0..<10), from: .franceTravail)
            let answer = try await scene.importOffers(
                Self.file(0..<6),
                from: .franceTravail,
                isComplete: true
            )
            #expect((answer.closed, answer.waiting) == (0, 4))
            #expect(try await scene.found("").count == 10)
            let state = try await scene.state(of: .franceTravail)
            #expect(state.waits && state.missing == 4 && state.open == 10)
            let request = AcceptClosingRequest(source: .franceTravail)
            #expect(try await scene.sources.acceptClosing(request).closed == 4)
            #expect(try await scene.found("").count == 6)
            let after = try await scene.state(of: .franceTravail)
            #expect(!after.waits && after.missing == 0 && after.open == 6)
            #expect(try await scene.sources.acceptClosing(request).closed == 0)
        }
    }

    @Test func threeInTenAreClosedUnasked() async throws {
        try await withOffers { scene in
            _ = try await scene.importOffers(Self.file(0..<10), from: .franceTravail)
            let answer = try await scene.importOffers(
                Self.file(0..<7),
                from: .franceTravail,
                isComplete: true
            )
            #expect((answer.closed, answer.waiting) == (3, 0))
        }
    }

    @Test func whatComesBackWhileItWaitsIsNotClosed() async throws {
        try await withOffers { scene in
            _ = try await scene.importOffers(Self.file(0..<10), from: .franceTravail)
            _ = try await scene.importOffers(
                Self.file(0..<5),
                from: .franceTravail,
                isComplete: true
            )
            _ = try await scene.importOffers(
                SampleOffers.job("7", "Vendeur confirmé"),
                from: .franceTravail
            )
            let request = AcceptClosingRequest(source: .franceTravail)
            #expect(try await scene.sources.acceptClosing(request).closed == 4)
            #expect(try await scene.found("confirme") == ["7"])
        }
    }

    @Test(arguments: [
        "[" + SampleOffers.job("0", "Vendeur numéro0") + ",",
        SampleOffers.job("0", "Vendeur numéro0") + "\n{\"id\":\"1\",\"intit",
        #"{"resultats":["# + SampleOffers.job("0", "Vendeur numéro0") + "}",
    ])
    func aFileCutShortClosesNothing(file: String) async throws {
        try await withOffers { scene in
            _ = try await scene.importOffers(Self.file(0..<3), from: .franceTravail)
            let answer = try await scene.importOffers(
                file,
                from: .franceTravail,
                isComplete: true
            )
            #expect(answer.closed == 0 && answer.waiting == 0)
            #expect(answer.incomplete == "The file was cut short. Nothing was closed.")
            #expect(try await scene.found("").count == 3)
            #expect(try await scene.state(of: .franceTravail).error == answer.incomplete)
        }
    }

    @Test func anOfferThatIsRefusedIsThereAllTheSame() async throws {
        try await withOffers { scene in
            _ = try await scene.importOffers(Self.file(0..<10), from: .franceTravail)
            let answer = try await scene.importOffers(
                Self.file(0..<9) + "\n{\"id\":\"9\"}\n",
                from: .franceTravail,
                isComplete: true
            )
            #expect((answer.refused, answer.closed, answer.waiting) == (1, 0, 0))
            #expect(try await scene.found("numero9") == ["9"])
        }
    }

    @Test func aClosingThatWasBrokenOffGoesOn() async throws {
        try await withOffers { scene in
            let count = OfferLimits.batchOffers + 20
            _ = try await scene.importOffers(Self.file(0..<count), from: .franceTravail)
            let offers = OfferStore(
                database: scene.database,
                index: SearchIndex(database: scene.database)
            )
            let keeper = SourceKeeper(offers: offers)
            let missing = (0..<count).map { "france-travail:\($0)" }
            _ = try await keeper.store.decide(missing, from: .franceTravail)
            _ = try await keeper.store.accept(.franceTravail)
            #expect(try await keeper.offers.closeNext(.franceTravail) == OfferLimits.batchOffers)
            // As after a start.
            #expect(try await keeper.store.accepted() == [.franceTravail])
            #expect(try await keeper.close(.franceTravail) == 20)
            #expect(try await keeper.store.accepted() == [])
            #expect(try await scene.state(of: .franceTravail).open == 0)
        }
    }

    @Test func statesTellOfTheLastImport() async throws {
        try await withOffers { scene in
            let before = try await scene.state(of: .serviceCivique)
            #expect(before == SourceState(source: .serviceCivique))
            _ = try await scene.importOffers(Self.file(0..<3) + "\nrubbish", from: .franceTravail)
            let state = try await scene.state(of: .franceTravail)
            #expect((state.open, state.created, state.refused) == (3, 3, 1))
            #expect(state.runMs == OffersScene.monday.milliseconds)
            #expect(state.completeMs == 0 && state.error.isEmpty && !state.waits)
        }
    }
}
