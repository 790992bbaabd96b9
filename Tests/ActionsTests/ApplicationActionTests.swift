import Contracts
import RPC
import ServiceKit
import Storage
import Testing

@testable import Actions

/// Applications of offers' feed, as actions done.
@Suite struct ApplicationActionTests {
    private func change(
        _ sequence: UInt64,
        offer: String = "france-travail:A",
        kind: OfferKind = .job,
        title: String = "Vendeuse",
        date: String = "2026-11-24"
    ) throws -> Change {
        let made = ApplicationMade(
            youngPersonID: ActionsFixture.personID,
            offerID: offer,
            kind: kind,
            title: title,
            date: date
        )
        return Change(
            sequence: sequence,
            timeMs: TestClock().now.milliseconds,
            kind: ApplicationMade.fullName,
            youngPersonID: ActionsFixture.personID,
            body: try made.serializedBytes()
        )
    }

    private func apply(_ change: Change, in actions: ActionsFixture) async throws {
        let clock = actions.clock
        let applications = ApplicationActions(ids: IDGenerator(), now: { clock.now })
        try await actions.database.write { try applications.apply(change, in: $0) }
    }

    private func listed(_ actions: ActionsFixture) async throws -> [Action] {
        try await actions.client.listActions(
            ListActionsRequest(youngPersonID: ActionsFixture.personID),
            options: ActionsFixture.asCounsellor()
        ).actions
    }

    private func week(_ actions: ActionsFixture, _ date: String = "") async throws -> Week {
        try await actions.client.getWeek(
            GetWeekRequest(youngPersonID: ActionsFixture.personID, date: date),
            options: ActionsFixture.asPerson()
        )
    }

    @Test func anApplicationIsAnActionDoneWithItsHours() async throws {
        try await withActions { actions in
            try await apply(change(1), in: actions)
            let all = try await listed(actions)
            #expect(all.map(\.content) == ["Répondre à une offre d'emploi"])
            #expect(all.map(\.description) == ["Vendeuse"])
            #expect(all.map(\.category) == [.emploi])
            #expect(all.map(\.doneMinutes) == [180])
            #expect(all.map { $0.progress?.status } == [.done])
            #expect(all.map(\.assigned) == [false])
            #expect(try await week(actions).doneMinutes == 180)
            #expect(actions.database.feedHead == 1)
        }
    }

    @Test func itsHoursCountOnTheDayOfTheApplication() async throws {
        try await withActions { actions in
            try await apply(change(1, date: "2026-11-20"), in: actions)
            #expect(try await week(actions).doneMinutes == 0)
            #expect(try await week(actions, "2026-11-20").doneMinutes == 180)
        }
    }

    @Test func aFeedReadAgainCountsNothingTwice() async throws {
        try await withActions { actions in
            try await apply(change(1), in: actions)
            try await apply(change(1), in: actions)
            // Another change that tells the same application.
            try await apply(change(7, date: "2026-11-23"), in: actions)
            #expect(try await listed(actions).count == 1)
            #expect(try await week(actions).doneMinutes == 180)
            try await apply(change(8, offer: "france-travail:B"), in: actions)
            #expect(try await week(actions).doneMinutes == 360)
        }
    }

    @Test func aMessageForAnImmersionCountsAsWhatItIs() async throws {
        try await withActions { actions in
            try await apply(change(1, kind: .immersion, title: ""), in: actions)
            let all = try await listed(actions)
            #expect(all.map(\.category) == [.projetProfessionnel])
            #expect(all.map(\.doneMinutes) == [120])
        }
    }

    @Test func theYoungPersonMayCorrectItsTime() async throws {
        try await withActions { actions in
            try await apply(change(1), in: actions)
            let action = try #require(try await listed(actions).first)
            _ = try await actions.client.reportProgress(
                ReportProgressRequest(
                    id: action.id,
                    progress: Progress(status: .done),
                    doneMinutes: 60
                ),
                options: ActionsFixture.asPerson()
            )
            #expect(try await week(actions).doneMinutes == 60)
        }
    }
}
