import Contracts
import RPC
import ServiceKit
import Storage
import Testing

@testable import Offers

@Suite struct ApplicationTests {
    private let firstID = "00000000-0000-7000-8000-000000000001"
    private let secondID = "00000000-0000-7000-8000-000000000002"
    private let bakery = "immersion-facilitee:12345678900011-D1106-l1"
    private let job = "france-travail:A"

    private func withSamples(_ body: (OffersScene) async throws -> Void) async throws {
        try await withOffers { scene in
            _ = try await scene.importOffers(SampleOffers.job("A", "Vendeur"), from: .franceTravail)
            let companies = [
                SampleOffers.immersion("12345678900011"),
                SampleOffers.immersion("12345678900011", rome: "D1102", label: "Boulangerie"),
                SampleOffers.immersion("98765432100011"),
            ].joined(separator: "\n")
            _ = try await scene.importOffers(companies, from: .immersionFacilitee)
            try await body(scene)
        }
    }

    @Test func aLinkFollowedIsRemembered() async throws {
        try await withSamples { scene in
            let request = ApplyToOfferRequest(id: firstID, offerID: job)
            let application = try await scene.client.applyToOffer(request, options: .youngPerson)
            #expect(application.state == .linkFollowed)
            #expect(application.applyURL == "https://example.org/A")
            #expect(application.appliedMs == OffersScene.monday.milliseconds)
            let list = try await scene.client.listApplications(
                ListApplicationsRequest(),
                options: .youngPerson
            )
            #expect(list.applications == [application])
            let told = try await scene.feed(OfferApplied.self)
            #expect(told.map(\.application) == [application])
        }
    }

    @Test func aMessageWaitsAndIsHiddenFromTheCounsellor() async throws {
        try await withSamples { scene in
            let request = ApplyToOfferRequest(id: firstID, offerID: bakery, message: "Bonjour")
            let application = try await scene.client.applyToOffer(request, options: .youngPerson)
            #expect(application.state == .messageWaiting && application.message == "Bonjour")
            #expect(application.applyURL.isEmpty)
            let own = try await scene.client.listApplications(
                ListApplicationsRequest(),
                options: .youngPerson
            )
            #expect(own.applications.map(\.message) == ["Bonjour"])
            let asked = ListApplicationsRequest(youngPersonID: OffersScene.youngPerson)
            let seen = try await scene.client.listApplications(asked, options: .counsellor)
            #expect(seen.applications.map(\.message) == [""])
            #expect(seen.applications.map(\.id) == [firstID])
            #expect(try await scene.feed(OfferApplied.self).map { $0.application?.message } == [""])
        }
    }

    @Test func theSameAgainIsTheSameSuccessAndOtherContentIsRefused() async throws {
        try await withSamples { scene in
            let request = ApplyToOfferRequest(id: firstID, offerID: bakery, message: "Bonjour")
            let first = try await scene.client.applyToOffer(request, options: .youngPerson)
            scene.clock.advance(days: 1)
            #expect(try await scene.client.applyToOffer(request, options: .youngPerson) == first)
            #expect(try await scene.feed(OfferApplied.self).count == 1)
            let others: [(ApplyToOfferRequest, CallOptions)] = [
                (ApplyToOfferRequest(id: firstID, offerID: bakery, message: "Autre"), .youngPerson),
                (ApplyToOfferRequest(id: firstID, offerID: job), .youngPerson),
                (request, .by(.youngPerson(OffersScene.secondYoungPerson))),
            ]
            for (request, options) in others {
                let error = await #expect(throws: RPCError.self) {
                    try await scene.client.applyToOffer(request, options: options)
                }
                #expect(error?.code == .alreadyExists)
            }
        }
    }

    @Test func aCompanyIsWrittenToAgainAfterSevenDays() async throws {
        try await withSamples { scene in
            let first = ApplyToOfferRequest(id: firstID, offerID: bakery, message: "Bonjour")
            _ = try await scene.client.applyToOffer(first, options: .youngPerson)
            // Another trade of the same company is the same company.
            let other = "immersion-facilitee:12345678900011-D1102-l1"
            let second = ApplyToOfferRequest(id: secondID, offerID: other, message: "Encore")
            scene.clock.advance(days: 7, milliseconds: -1)
            let error = await #expect(throws: RPCError.self) {
                try await scene.client.applyToOffer(second, options: .youngPerson)
            }
            #expect(error?.code == .failedPrecondition)
            #expect(error?.message.contains("2026-05-18") == true)
            let elsewhere = "immersion-facilitee:98765432100011-D1106-l1"
            let third = ApplyToOfferRequest(id: secondID, offerID: elsewhere, message: "Ailleurs")
            _ = try await scene.client.applyToOffer(third, options: .youngPerson)
            let someoneElse = CallOptions.by(.youngPerson(OffersScene.secondYoungPerson))
            let fourth = ApplyToOfferRequest(
                id: "00000000-0000-7000-8000-000000000003",
                offerID: bakery,
                message: "Moi aussi"
            )
            _ = try await scene.client.applyToOffer(fourth, options: someoneElse)
            scene.clock.advance(days: 0, milliseconds: 1)
            let again = ApplyToOfferRequest(
                id: "00000000-0000-7000-8000-000000000004",
                offerID: other,
                message: "Encore"
            )
            _ = try await scene.client.applyToOffer(again, options: .youngPerson)
        }
    }

    @Test func badFieldsAreNamedAndNothingIsStored() async throws {
        try await withSamples { scene in
            let bad: [(ApplyToOfferRequest, RPCError.Code, String)] = [
                (ApplyToOfferRequest(id: "x", offerID: job), .invalidArgument, "id "),
                (ApplyToOfferRequest(id: firstID), .invalidArgument, "offer_id "),
                (ApplyToOfferRequest(id: firstID, offerID: bakery), .invalidArgument, "message "),
                (
                    ApplyToOfferRequest(id: firstID, offerID: bakery, message: "  "),
                    .invalidArgument, "message "
                ),
                (
                    ApplyToOfferRequest(
                        id: firstID,
                        offerID: bakery,
                        message: String(repeating: "é", count: 513)
                    ),
                    .invalidArgument, "message "
                ),
                (
                    ApplyToOfferRequest(id: firstID, offerID: job, message: "x"), .invalidArgument,
                    "message "
                ),
                (ApplyToOfferRequest(id: firstID, offerID: "france-travail:0"), .notFound, ""),
            ]
            for (request, code, beginning) in bad {
                let error = await #expect(throws: RPCError.self) {
                    try await scene.client.applyToOffer(request, options: .youngPerson)
                }
                #expect(error?.code == code)
                #expect(error?.message.hasPrefix(beginning) == true)
            }
            let list = try await scene.client.listApplications(
                ListApplicationsRequest(),
                options: .youngPerson
            )
            #expect(list.applications == [])
            let longest = String(repeating: "é", count: 512)
            let fitting = ApplyToOfferRequest(id: firstID, offerID: bakery, message: longest)
            _ = try await scene.client.applyToOffer(fitting, options: .youngPerson)
        }
    }

    @Test func anOfferWithoutAnAddressCannotBeAppliedToByLink() async throws {
        try await withOffers { scene in
            _ = try await scene.importOffers(
                #"{"id":"B","intitule":"Vendeur"}"#,
                from: .franceTravail
            )
            let error = await #expect(throws: RPCError.self) {
                try await scene.client.applyToOffer(
                    ApplyToOfferRequest(id: firstID, offerID: "france-travail:B"),
                    options: .youngPerson
                )
            }
            #expect(error?.code == .failedPrecondition)
        }
    }

    @Test func onlyTheYoungPersonAndTheirCounsellorSeeApplications() async throws {
        try await withSamples { scene in
            let others: [(String, Caller)] = [
                (OffersScene.othersYoungPerson, .counsellor(OffersScene.counsellor)),
                (OffersScene.secondYoungPerson, .youngPerson(OffersScene.youngPerson)),
                ("00000000-0000-7000-8000-0000000000ff", .counsellor(OffersScene.counsellor)),
                (OffersScene.youngPerson, .supervisor(OffersScene.counsellor)),
            ]
            for (personID, caller) in others {
                let applications = await #expect(throws: RPCError.self) {
                    try await scene.client.listApplications(
                        ListApplicationsRequest(youngPersonID: personID),
                        options: .by(caller)
                    )
                }
                #expect(applications?.code == .permissionDenied)
                let favourites = await #expect(throws: RPCError.self) {
                    try await scene.client.listFavourites(
                        ListFavouritesRequest(youngPersonID: personID),
                        options: .by(caller)
                    )
                }
                #expect(favourites?.code == .permissionDenied)
            }
            let nobody = await #expect(throws: RPCError.self) {
                try await scene.client.listApplications(
                    ListApplicationsRequest(),
                    options: .counsellor
                )
            }
            #expect(nobody?.code == .invalidArgument)
            let apply = await #expect(throws: RPCError.self) {
                try await scene.client.applyToOffer(
                    ApplyToOfferRequest(id: firstID, offerID: job),
                    options: .counsellor
                )
            }
            #expect(apply?.code == .permissionDenied)
        }
    }

    @Test func listsArePagedLatestFirst() async throws {
        try await withSamples { scene in
            var ids: [String] = []
            for number in 1...5 {
                let id = "00000000-0000-7000-8000-00000000000\(number)"
                _ = try await scene.client.applyToOffer(
                    ApplyToOfferRequest(id: id, offerID: job),
                    options: .youngPerson
                )
                if number != 3 { scene.clock.advance(days: 1) }
                ids.append(id)
            }
            var request = ListApplicationsRequest(limit: 2)
            var seen: [String] = []
            for _ in 0..<3 {
                let page = try await scene.client.listApplications(request, options: .youngPerson)
                seen += page.applications.map(\.id)
                request.cursor = page.next
            }
            #expect(seen == ids.reversed())
            #expect(request.cursor.isEmpty)
            request.cursor = "nonsense!"
            let error = await #expect(throws: RPCError.self) {
                try await scene.client.listApplications(request, options: .youngPerson)
            }
            #expect(error?.code == .invalidArgument)
        }
    }
}
