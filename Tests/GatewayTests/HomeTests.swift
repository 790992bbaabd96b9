import Contracts
import RPC
import ServiceKit
import Storage
import Testing

@testable import Gateway

@Suite struct HomeTests {
    private static let parts: [String: [String]] = [
        "YOUNG_PERSON": ["agenda", "actions", "messaging", "offers"],
        "COUNSELLOR": ["accounts", "messaging", "actions", "agenda"],
    ]

    /// Services that answer both pages in full.
    private func filled() throws -> Backend {
        let backend = Backend()
        let start = TestClock().now
        let appointments = [0, 47, 49].map { hours in
            Appointment(
                id: "in \(hours) h",
                youngPersonID: "a",
                startMs: (start + .seconds(hours * 3_600)).milliseconds
            )
        }
        try backend.answer(
            AgendaMethods.listAppointments,
            ListAppointmentsResponse(appointments: appointments)
        )
        try backend.answer(
            ActionsMethods.listActions,
            ListActionsResponse(actions: [Action(id: "x")], open: 9, late: 2)
        )
        try backend.answer(ActionsMethods.getWeek, Week(plannedMinutes: 900))
        try backend.answer(
            ActionsMethods.listWeeks,
            ListWeeksResponse(weeks: [
                CaseloadWeek(
                    week: Week(youngPersonID: "a", doneMinutes: 30),
                    openActions: 4,
                    lateActions: 1
                )
            ])
        )
        try backend.answer(MessagingMethods.getConversation, Conversation(unread: 3))
        try backend.answer(
            MessagingMethods.listConversations,
            ListConversationsResponse(conversations: [
                Conversation(youngPersonID: "b", lastSentMs: 70, unread: 5),
                Conversation(youngPersonID: "a", lastSentMs: 60, unread: 2),
            ])
        )
        try backend.answer(MessagingMethods.listNotices, ListNoticesResponse(unseen: 6))
        try backend.answer(
            OffersMethods.listFavourites,
            ListFavouritesResponse(favourites: [Favourite(savedMs: 5)])
        )
        try backend.answer(
            AccountsMethods.listCaseload,
            ListCaseloadResponse(youngPeople: [Person(id: "a"), Person(id: "b")])
        )
        return backend
    }

    private func home(_ gateway: GatewayScene, _ person: TestPerson) async throws -> GetHomeResponse
    {
        try await HomeClient(gateway.client).get(GetHomeRequest(), options: person.options)
    }

    @Test func aYoungPersonsPageHasEveryPart() async throws {
        try await withGateway(try filled()) { gateway in
            let answer = try await home(gateway, .young)
            #expect(answer.missing == [])
            guard case .youngPerson(let page) = answer.home else {
                Issue.record("not a young person's page")
                return
            }
            #expect(page.appointments.map(\.id) == ["in 0 h", "in 47 h", "in 49 h"])
            #expect(page.actions.map(\.id) == ["x"])
            #expect(page.lateActions == 2)
            #expect(page.openActions == 9)
            #expect(page.week?.plannedMinutes == 900)
            #expect(page.unreadMessages == 3)
            #expect(page.unseenNotices == 6)
            #expect(page.favourites.map(\.savedMs) == [5])
        }
    }

    @Test func aCounsellorsPageHasEveryPart() async throws {
        try await withGateway(try filled()) { gateway in
            let answer = try await home(gateway, .counsellor)
            #expect(answer.missing == [])
            guard case .counsellor(let page) = answer.home else {
                Issue.record("not a counsellor's page")
                return
            }
            #expect(page.appointments.map(\.id) == ["in 0 h", "in 47 h"])
            #expect(page.unreadMessages == 7)
            #expect(page.unseenNotices == 6)
            #expect(page.caseload.map { $0.youngPerson?.id } == ["b", "a"])
            let entry = try #require(page.caseload.last)
            #expect(entry.unreadMessages == 2)
            #expect(entry.lastMessageMs == 60)
            #expect(entry.openActions == 4)
            #expect(entry.lateActions == 1)
            #expect(entry.week?.doneMinutes == 30)
            #expect(entry.nextAppointment?.id == "in 0 h")
            #expect(page.caseload.first?.nextAppointment == nil)
        }
    }

    @Test func theServicesAreAskedForThePersonWhoCalls() async throws {
        try await withGateway { gateway in
            for person in [TestPerson.young, .counsellor] {
                gateway.backend.forgetSeen()
                _ = try await home(gateway, person)
                #expect(gateway.backend.seen.count >= 5)
                for seen in gateway.backend.seen {
                    #expect(seen.metadata[PersonHeaders.id] == person.id, "\(seen.path)")
                    #expect(seen.metadata[PersonHeaders.session] == person.sessionID)
                }
            }
        }
    }

    @Test(arguments: [TestPerson.young, .counsellor], LiveHub.sources)
    func aServiceThatIsDownIsNamedOnceAndTheRestIsThere(
        _ person: TestPerson,
        _ service: String
    ) async throws {
        let backend = try filled()
        try await withGateway(backend) { gateway in
            _ = try await AccountsClient(gateway.client)
                .getMe(GetMeRequest(), options: person.options)
            let whole = try await home(gateway, person)
            backend.failService(service)
            let answer = try await home(gateway, person)
            let isPart = Self.parts[person == .young ? "YOUNG_PERSON" : "COUNSELLOR"]?
                .contains(service)
            #expect(answer.missing.map(\.service) == (isPart == true ? [service] : []))
            #expect(
                answer.missing.allSatisfy {
                    $0.reason.hasSuffix("indisponibles.")
                        || $0.reason.hasSuffix("indisponible.")
                }
            )
            #expect((answer.home == whole.home) == (isPart != true))
        }
    }

    @Test func withoutAnyServiceThePageSaysSo() async throws {
        let backend = try filled()
        try await withGateway(backend) { gateway in
            for (person, role) in [(TestPerson.young, "YOUNG_PERSON"), (.counsellor, "COUNSELLOR")]
            {
                backend.failService("accounts", nil)
                _ = try await home(gateway, person)
                for service in LiveHub.sources { backend.failService(service) }
                let answer = try await home(gateway, person)
                #expect(answer.missing.map(\.service) == Self.parts[role])
                switch answer.home {
                case .youngPerson(let page): #expect(page == YoungPersonHome())
                case .counsellor(let page): #expect(page == CounsellorHome())
                case nil: Issue.record("no page")
                }
            }
        }
    }

    @Test func onePartOfAServiceIsMissedWithoutTheOther() async throws {
        let backend = try filled()
        try await withGateway(backend) { gateway in
            backend.fail(ActionsMethods.getWeek.descriptor.path, RPCError(.internal, "Oops."))
            let answer = try await home(gateway, .young)
            #expect(answer.missing.map(\.service) == ["actions"])
            guard case .youngPerson(let page) = answer.home else { return }
            #expect(page.week == nil)
            #expect(page.openActions == 9)
        }
    }
}

@Suite struct CaseloadOrderTests {
    /// A young person as the listing sees them.
    struct Waiting {
        let id: String
        var unread: UInt32 = 0
        var late: UInt32 = 0
        var lastSentMs: Int64 = 1_000
        var lastName = "M"
        var firstName = "M"
    }

    private func order(_ people: [Waiting]) -> [String?] {
        HomeService.caseload(
            people.map { Person(id: $0.id, firstName: $0.firstName, lastName: $0.lastName) },
            people.map {
                Conversation(youngPersonID: $0.id, lastSentMs: $0.lastSentMs, unread: $0.unread)
            },
            people.map { CaseloadWeek(week: Week(youngPersonID: $0.id), lateActions: $0.late) },
            []
        ).map { $0.youngPerson?.id }
    }

    @Test func whoWaitsComesFirstWhateverTheOrderOfTheListing() {
        let sorted = [
            Waiting(id: "unread", unread: 9),
            Waiting(id: "unread and late", unread: 1, late: 5),
            Waiting(id: "unread only", unread: 1, lastSentMs: 1),
            Waiting(id: "late", late: 3),
            Waiting(id: "never wrote", lastSentMs: 0),
            Waiting(id: "long silent", lastSentMs: 500),
            Waiting(id: "A", lastName: "A", firstName: "Z"),
            Waiting(id: "B", lastName: "B", firstName: "A"),
            Waiting(id: "C", lastName: "B", firstName: "B"),
        ]
        var random = SeededRandom(seed: 7)
        for _ in 0..<50 {
            #expect(order(sorted.shuffled(using: &random)) == sorted.map(\.id))
        }
    }

    @Test func whoNoOtherServiceKnowsIsListedAllTheSame() {
        let entries = HomeService.caseload([Person(id: "new")], [], [], [])
        #expect(entries.map { $0.youngPerson?.id } == ["new"])
        #expect(entries.first?.week == nil)
    }

    @Test func theFirstAppointmentIsTheNext() {
        let entries = HomeService.caseload(
            [Person(id: "a")],
            [],
            [],
            [
                Appointment(id: "1", youngPersonID: "b"), Appointment(id: "2", youngPersonID: "a"),
                Appointment(id: "3", youngPersonID: "a"),
            ]
        )
        #expect(entries.first?.nextAppointment?.id == "2")
    }
}

/// Numbers that are the same in every run.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// Steps as SplitMix64 does.
    ///
    /// Source: https://prng.di.unimi.it/splitmix64.c
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
