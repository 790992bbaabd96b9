import Contracts
import RPC
import ServiceKit
import Storage
import Testing

@testable import Offers

/// The clock stands at 10:00 on Monday 11 May 2026.
@Suite struct PursuitTests {
    private let job = "france-travail:A"
    private let bakery = "immersion-facilitee:12345678900011-D1106-l1"

    private func withSamples(_ body: (AlertsScene) async throws -> Void) async throws {
        try await withAlerts { scene in
            try await scene.importJobs([
                SampleOffers.job("A", "Vendeur"), SampleOffers.job("B", "Boulanger"),
            ])
            _ = try await scene.offers.importOffers(
                SampleOffers.immersion("12345678900011"),
                from: .immersionFacilitee
            )
            try await body(scene)
        }
    }

    private func record(
        _ scene: AlertsScene,
        _ step: PursuitStep,
        offer: String = "france-travail:A",
        date: String = "",
        answer: CompanyAnswer = .unspecified,
        takenBack: Bool = false
    ) async throws -> Pursuit {
        try await scene.pursuits.recordStep(
            RecordStepRequest(
                offerID: offer,
                step: step,
                date: date,
                takenBack: takenBack,
                answer: answer
            ),
            options: .youngPerson
        )
    }

    private func apply(_ scene: AlertsScene, _ number: Int, _ offer: String) async throws {
        _ = try await scene.offers.client.applyToOffer(
            ApplyToOfferRequest(
                id: AlertsScene.id(number),
                offerID: offer,
                message: offer == bakery ? "Bonjour" : ""
            ),
            options: .youngPerson
        )
    }

    private func list(
        _ scene: AlertsScene,
        options: CallOptions = .youngPerson
    ) async throws -> ListPursuitsResponse {
        try await scene.pursuits.listPursuits(
            ListPursuitsRequest(youngPersonID: OffersScene.youngPerson),
            options: options
        )
    }

    @Test func stepsHaveTheirDaysFromSeenToAnswered() async throws {
        try await withSamples { scene in
            _ = try await record(scene, .offerSeen, date: "2026-05-08")
            _ = try await record(scene, .offerSaved)
            _ = try await record(scene, .applied, date: "2026-05-09")
            _ = try await record(scene, .interview, date: "2026-05-20")
            scene.offers.clock.advance(days: 10)
            let last = try await record(scene, .answered, answer: .companyAccepted)
            #expect(
                last.steps == [
                    DatedStep(step: .offerSeen, date: "2026-05-08"),
                    DatedStep(step: .offerSaved, date: "2026-05-11"),
                    DatedStep(step: .applied, date: "2026-05-09"),
                    DatedStep(step: .interview, date: "2026-05-20"),
                    DatedStep(step: .answered, date: "2026-05-21"),
                ]
            )
            #expect(last.answer == .companyAccepted)
            #expect(try await list(scene).pursuits == [last])
            #expect(try await list(scene, options: .counsellor).pursuits == [last])
            #expect(try await record(scene, .answered, answer: .companyAccepted) == last)
            // The favourite tells of itself, and each step once.
            #expect(try await scene.offers.feed(PursuitChanged.self).count == 5)
        }
    }

    @Test func anApplicationIsToldOnceHoweverOftenItIsSet() async throws {
        try await withSamples { scene in
            _ = try await record(scene, .applied, date: "2026-05-09")
            _ = try await record(scene, .applied, date: "2026-05-10")
            _ = try await record(scene, .applied, takenBack: true)
            _ = try await record(scene, .applied)
            let told = try await scene.offers.feed(ApplicationMade.self)
            #expect(
                told == [
                    ApplicationMade(
                        youngPersonID: OffersScene.youngPerson,
                        offerID: job,
                        kind: .job,
                        title: "Vendeur",
                        date: "2026-05-09"
                    )
                ]
            )
        }
    }

    @Test func aFollowedLinkAsksOnceAndIsNoApplicationYet() async throws {
        try await withSamples { scene in
            let early = await #expect(throws: RPCError.self) {
                try await scene.pursuits.answerQuestion(
                    AnswerQuestionRequest(offerID: job, applied: true),
                    options: .youngPerson
                )
            }
            #expect(early?.code == .failedPrecondition)
            try await apply(scene, 1, job)
            #expect(try await list(scene).pursuits.map(\.question) == [.questionOpen])
            #expect(try await scene.offers.feed(ApplicationMade.self) == [])
            for _ in 0..<2 {
                let answered = try await scene.pursuits.answerQuestion(
                    AnswerQuestionRequest(offerID: job, applied: true, date: "2026-05-10"),
                    options: .youngPerson
                )
                #expect(answered.question == .questionAnswered)
                #expect(answered.steps == [DatedStep(step: .applied, date: "2026-05-10")])
            }
            try await apply(scene, 2, job)
            #expect(try await list(scene).pursuits.map(\.question) == [.questionAnswered])
            #expect(try await scene.offers.feed(ApplicationMade.self).count == 1)
            #expect(try await scene.offers.feed(PursuitChanged.self).count == 2)
        }
    }

    @Test func whoHasNotAppliedIsNotAskedAgain() async throws {
        try await withSamples { scene in
            try await apply(scene, 1, job)
            _ = try await scene.pursuits.answerQuestion(
                AnswerQuestionRequest(offerID: job),
                options: .youngPerson
            )
            try await apply(scene, 2, job)
            let pursuit = try #require(try await list(scene).pursuits.first)
            #expect(pursuit.question == .questionAnswered)
            #expect(pursuit.steps == [])
        }
    }

    @Test func aMessageForAnImmersionIsAnApplicationWithAnAnswer() async throws {
        try await withSamples { scene in
            try await apply(scene, 1, bakery)
            #expect(try await scene.offers.feed(ApplicationMade.self).map(\.kind) == [.immersion])
            func states() async throws -> [ApplicationState] {
                try await scene.offers.client.listApplications(
                    ListApplicationsRequest(),
                    options: .youngPerson
                ).applications.map(\.state)
            }
            #expect(try await states() == [.messageWaiting])
            _ = try await record(scene, .answered, offer: bakery, answer: .companyRefused)
            #expect(try await states() == [.messageRefused])
            // A refused company is left alone for the seven days, too.
            let again = await #expect(throws: RPCError.self) { try await apply(scene, 2, bakery) }
            #expect(again?.code == .failedPrecondition)
            _ = try await record(scene, .answered, offer: bakery, takenBack: true)
            #expect(try await states() == [.messageWaiting])
            // The question is for links.
            #expect(try await list(scene).pursuits.map(\.question) == [.unspecified])
        }
    }

    @Test func aFavouriteIsAStepAndTheStepAFavourite() async throws {
        try await withSamples { scene in
            func favourites() async throws -> [String] {
                try await scene.offers.client.listFavourites(
                    ListFavouritesRequest(),
                    options: .youngPerson
                ).favourites.map { $0.offer?.id ?? "" }
            }
            _ = try await scene.offers.client.addFavourite(
                AddFavouriteRequest(offerID: job),
                options: .youngPerson
            )
            let saved = [DatedStep(step: .offerSaved, date: "2026-05-11")]
            #expect(try await list(scene).pursuits.map(\.steps) == [saved])
            let removed = try await record(scene, .offerSaved, takenBack: true)
            #expect(removed.steps == [])
            #expect(try await favourites() == [])
            #expect(try await record(scene, .offerSaved).steps == saved)
            #expect(try await favourites() == [job])
            _ = try await scene.offers.client.removeFavourite(
                RemoveFavouriteRequest(offerID: job),
                options: .youngPerson
            )
            #expect(try await list(scene).pursuits.map(\.steps) == [[]])
        }
    }

    @Test func whoDoesNotShareIsNotSeen() async throws {
        try await withSamples { scene in
            _ = try await record(scene, .offerSaved)
            try await apply(scene, 1, bakery)
            for _ in 0..<2 {
                _ = try await scene.pursuits.setSharing(
                    SetSharingRequest(shared: false),
                    options: .youngPerson
                )
            }
            #expect(try await scene.offers.feed(SharingChanged.self).count == 1)
            let head = scene.offers.database.feedHead
            #expect(
                try await list(scene, options: .counsellor) == ListPursuitsResponse(shared: false)
            )
            #expect(try await list(scene).pursuits.count == 2)
            let client = scene.offers.client
            let person = OffersScene.youngPerson
            let applications = try await client.listApplications(
                ListApplicationsRequest(youngPersonID: person),
                options: .counsellor
            )
            let favourites = try await client.listFavourites(
                ListFavouritesRequest(youngPersonID: person),
                options: .counsellor
            )
            #expect(applications.applications == [] && favourites.favourites == [])
            // What comes from now on names no counsellor, nor the offer where hours are counted.
            _ = try await record(scene, .applied, offer: "france-travail:B")
            let page = try await scene.offers.database.changes(after: head, limit: 10)
            #expect(page.changes.map(\.counsellorID) == ["", ""])
            #expect(try await scene.offers.feed(ApplicationMade.self).map(\.title).last == "")
            _ = try await scene.pursuits.setSharing(
                SetSharingRequest(shared: true),
                options: .youngPerson
            )
            #expect(try await list(scene, options: .counsellor).pursuits.count == 3)
        }
    }

    @Test func badFieldsAreNamed() async throws {
        try await withSamples { scene in
            let bad: [(RecordStepRequest, RPCError.Code, String)] = [
                (RecordStepRequest(step: .applied), .invalidArgument, "offer_id "),
                (RecordStepRequest(offerID: job), .invalidArgument, "step "),
                (
                    RecordStepRequest(offerID: job, step: .applied, date: "2026-05-12"),
                    .invalidArgument, "date "
                ),
                (
                    RecordStepRequest(offerID: job, step: .applied, date: "2025-05-10"),
                    .invalidArgument, "date "
                ),
                (
                    RecordStepRequest(offerID: job, step: .interview, date: "2027-05-12"),
                    .invalidArgument, "date "
                ),
                (
                    RecordStepRequest(offerID: job, step: .offerSaved, date: "2026-05-10"),
                    .invalidArgument, "date "
                ),
                (
                    RecordStepRequest(offerID: job, step: .applied, date: "hier"),
                    .invalidArgument, "date "
                ),
                (
                    RecordStepRequest(
                        offerID: job,
                        step: .applied,
                        date: "2026-05-11",
                        takenBack: true
                    ), .invalidArgument, "date "
                ),
                (RecordStepRequest(offerID: job, step: .answered), .invalidArgument, "answer "),
                (
                    RecordStepRequest(offerID: job, step: .applied, answer: .companyRefused),
                    .invalidArgument, "answer "
                ),
                (RecordStepRequest(offerID: "france-travail:0", step: .applied), .notFound, ""),
            ]
            for (request, code, beginning) in bad {
                let error = await #expect(throws: RPCError.self) {
                    try await scene.pursuits.recordStep(request, options: .youngPerson)
                }
                #expect(error?.code == code)
                #expect(error?.message.hasPrefix(beginning) == true, "\(error?.message ?? "")")
            }
            #expect(scene.offers.database.feedHead == 0)
        }
    }

    @Test func beyondTheBoundTheOldestThatWasOnlySeenIsForgotten() async throws {
        try await withSamples { scene in
            let member = try await scene.offers.database.read { reader in
                try #require(try Caseload.find(OffersScene.youngPerson, in: reader))
            }
            let today = try member.today(OffersScene.monday)
            let jobs = (0...AlertLimits.pursuitsMax).map { SampleOffers.job("N\($0)", "Vendeur") }
            try await scene.importJobs(jobs)
            try await scene.offers.database.write { transaction in
                for number in 0...AlertLimits.pursuitsMax {
                    try PursuitStore.change(
                        "france-travail:N\(number)",
                        of: member,
                        at: OffersScene.monday + .seconds(number),
                        in: transaction
                    ) { $0[number == 0 ? .applied : .offerSeen] = today }
                }
            }
            let left = try await scene.offers.database.read { reader in
                try reader.rows("SELECT offer_id FROM pursuit ORDER BY updated_ms LIMIT 2").map {
                    try $0.text("offer_id")
                }
            }
            #expect(left == ["france-travail:N0", "france-travail:N2"])
        }
    }

    @Test func strangersSeeAndChangeNothing() async throws {
        try await withSamples { scene in
            _ = try await record(scene, .applied)
            for caller in [
                Caller.youngPerson(OffersScene.secondYoungPerson),
                .counsellor("00000000-0000-7000-8000-0000000000c2"),
            ] {
                let error = await #expect(throws: RPCError.self) {
                    try await list(scene, options: .by(caller))
                }
                #expect(error?.code == .permissionDenied)
            }
            let counsellor = await #expect(throws: RPCError.self) {
                try await scene.pursuits.recordStep(
                    RecordStepRequest(offerID: job, step: .applied),
                    options: .counsellor
                )
            }
            #expect(counsellor?.code == .permissionDenied)
        }
    }
}
