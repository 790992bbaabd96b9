import Contracts
import RPC
import ServiceKit
import Storage
import Testing

@testable import Actions

@Suite struct AssignActionTests {
    @Test func theCatalogueHasTwentyEntriesWithTheirHours() async throws {
        try await withActions { actions in
            let answer = try await actions.client.listCatalogue(
                ListCatalogueRequest(),
                options: ActionsFixture.asPerson()
            )
            #expect(answer.entries.count == 20)
            #expect(Set(answer.entries.map(\.id)).count == 20)
            let cv = answer.entries.first { $0.id == "mettre-a-jour-cv" }
            #expect(cv?.title == "Mettre à jour son CV")
            #expect(cv?.defaultMinutes == 180)
        }
    }

    @Test func aPickedActionTakesTheCataloguesWords() async throws {
        try await withActions { actions in
            let action = try await actions.assign(ActionContent(catalogueID: "enquete-metier"))
            #expect(action.content == "Effectuer une enquête métier")
            #expect(action.category == .projetProfessionnel)
            #expect(action.estimatedMinutes == 120)
            #expect(action.assigned)
            #expect(action.progress == Progress(status: .toDo))
        }
    }

    @Test func retryAnswersWithTheFirstAction() async throws {
        try await withActions { actions in
            let content = ActionContent(catalogueID: "mettre-a-jour-cv", dueDate: "2026-11-24")
            let first = try await actions.assign(content)
            // The due date has passed by then: still the same success.
            actions.clock.move(days: 3)
            let second = try await actions.assign(content)
            #expect(second.id == first.id)
            #expect(second.createdMs == first.createdMs)
            #expect(actions.database.feedHead == 1)
        }
    }

    @Test func theSameIDWithOtherContentIsRefused() async throws {
        try await withActions { actions in
            _ = try await actions.assign(ActionContent(catalogueID: "mettre-a-jour-cv"))
            let error = await #expect(throws: RPCError.self) {
                try await actions.assign(ActionContent(catalogueID: "enquete-metier"))
            }
            #expect(error?.code == .alreadyExists)
        }
    }

    @Test func oneForeignPersonStopsTheWholeAssignment() async throws {
        try await withActions { actions in
            let error = await #expect(throws: RPCError.self) {
                try await actions.client.assignAction(
                    AssignActionRequest(
                        assignments: [
                            Assignment(
                                id: ActionsFixture.id(1),
                                youngPersonID: ActionsFixture.personID
                            ),
                            Assignment(
                                id: ActionsFixture.id(2),
                                youngPersonID: ActionsFixture.foreignID
                            ),
                        ],
                        content: ActionContent(catalogueID: "salon-forum")
                    ),
                    options: ActionsFixture.asCounsellor()
                )
            }
            #expect(error?.code == .permissionDenied)
            #expect(actions.database.feedHead == 0)
        }
    }

    @Test(arguments: [
        (ActionContent(), "content.content"),
        (ActionContent(content: "x"), "content.category"),
        (ActionContent(catalogueID: "nothing"), "content.catalogue_id"),
        (ActionContent(catalogueID: "salon-forum", dueDate: "2026-11-31"), "content.due_date"),
        (ActionContent(catalogueID: "salon-forum", dueDate: "2026-11-23"), "content.due_date"),
        (ActionContent(catalogueID: "salon-forum", dueDate: "2029-01-01"), "content.due_date"),
        (
            ActionContent(catalogueID: "salon-forum", estimatedMinutes: 6_001),
            "content.estimated_minutes"
        ),
        (
            ActionContent(content: String(repeating: "x", count: 1_025), category: .emploi),
            "content.content"
        ),
    ])
    func badContentIsNamed(content: ActionContent, field: String) async throws {
        try await withActions { actions in
            let error = await #expect(throws: RPCError.self) { try await actions.assign(content) }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.hasPrefix(field) == true)
            #expect(actions.database.feedHead == 0)
        }
    }
}

@Suite struct ReportProgressTests {
    private func report(
        _ actions: ActionsFixture,
        _ progress: Progress,
        minutes: UInt32? = nil,
        on date: String = "",
        options: CallOptions = ActionsFixture.asPerson()
    ) async throws -> Action {
        try await actions.client.reportProgress(
            ReportProgressRequest(
                id: ActionsFixture.id(1),
                progress: progress,
                doneMinutes: minutes,
                onDate: date
            ),
            options: options
        )
    }

    private func week(_ actions: ActionsFixture, _ date: String = "") async throws -> Week {
        try await actions.client.getWeek(
            GetWeekRequest(youngPersonID: ActionsFixture.personID, date: date),
            options: ActionsFixture.asPerson()
        )
    }

    @Test func anActionDoneWithoutTimeCountsItsEstimate() async throws {
        try await withActions { actions in
            _ = try await actions.assign(ActionContent(catalogueID: "mettre-a-jour-cv"))
            let action = try await report(actions, Progress(status: .done))
            #expect(action.doneMinutes == 180)
            #expect(try await week(actions).doneMinutes == 180)
        }
    }

    @Test func sayingTheSameAgainChangesNothing() async throws {
        try await withActions { actions in
            _ = try await actions.assign(ActionContent(catalogueID: "mettre-a-jour-cv"))
            let progress = Progress(status: .inProgress, degree: .percent(40))
            let first = try await report(actions, progress, minutes: 60)
            actions.clock.move(days: 1)
            let second = try await report(actions, progress, minutes: 60)
            #expect(first == second)
            #expect(actions.database.feedHead == 2)
            #expect(try await week(actions).doneMinutes == 60)
        }
    }

    @Test func timeCountsOnItsDay() async throws {
        try await withActions { actions in
            _ = try await actions.assign(ActionContent(catalogueID: "mettre-a-jour-cv"))
            let progress = Progress(status: .inProgress)
            _ = try await report(actions, progress, minutes: 60, on: "2026-11-22")
            _ = try await report(actions, progress, minutes: 100)
            #expect(try await week(actions).doneMinutes == 40)
            #expect(try await week(actions, "2026-11-22").doneMinutes == 60)
        }
    }

    @Test func correctingDownTakesFromTheLatestDays() async throws {
        try await withActions { actions in
            _ = try await actions.assign(ActionContent(catalogueID: "mettre-a-jour-cv"))
            let progress = Progress(status: .inProgress)
            _ = try await report(actions, progress, minutes: 60, on: "2026-11-22")
            _ = try await report(actions, progress, minutes: 100)
            _ = try await report(actions, progress, minutes: 30)
            #expect(try await week(actions).doneMinutes == 0)
            #expect(try await week(actions, "2026-11-22").doneMinutes == 30)
        }
    }

    @Test func whatIsOutsideTheHoursDoesNotCount() async throws {
        try await withActions { actions in
            _ = try await actions.assign(
                ActionContent(content: "Sport", category: .nonSnp, dueDate: "2026-11-25")
            )
            _ = try await report(actions, Progress(status: .done), minutes: 120)
            let week = try await week(actions)
            #expect(week.doneMinutes == 0)
            #expect(week.plannedMinutes == 0)
            #expect(week.categories.first?.doneMinutes == 120)
        }
    }

    @Test(arguments: [
        (Progress(), "progress.status"),
        (Progress(status: .inProgress, degree: .percent(101)), "progress.percent"),
        (
            Progress(status: .inProgress, degree: .steps(Steps(done: 4, total: 3))),
            "progress.steps.done"
        ),
        (
            Progress(status: .inProgress, degree: .steps(Steps(done: 0, total: 0))),
            "progress.steps.total"
        ),
    ])
    func badProgressIsNamed(progress: Progress, field: String) async throws {
        try await withActions { actions in
            _ = try await actions.assign(ActionContent(catalogueID: "mettre-a-jour-cv"))
            let error = await #expect(throws: RPCError.self) {
                try await report(actions, progress)
            }
            #expect(error?.message.hasPrefix(field) == true)
        }
    }

    @Test(arguments: ["2026-11-25", "2026-10-01", "yesterday"])
    func badDatesAreRefused(date: String) async throws {
        try await withActions { actions in
            _ = try await actions.assign(ActionContent(catalogueID: "mettre-a-jour-cv"))
            let error = await #expect(throws: RPCError.self) {
                try await report(actions, Progress(status: .done), minutes: 10, on: date)
            }
            #expect(error?.message.hasPrefix("on_date") == true)
        }
    }

    @Test func anothersActionIsUnknown() async throws {
        try await withActions { actions in
            _ = try await actions.assign(ActionContent(catalogueID: "mettre-a-jour-cv"))
            for options in [
                ActionsFixture.asPerson(ActionsFixture.otherID),
                ActionsFixture.asCounsellor(ActionsFixture.strangerID),
            ] {
                let error = await #expect(throws: RPCError.self) {
                    try await report(actions, Progress(status: .done), options: options)
                }
                #expect(error?.code == .notFound)
            }
        }
    }
}

@Suite struct ListActionsTests {
    @Test func openOnesComeByDueDateThenTheEndedOnes() async throws {
        try await withActions { actions in
            let dates = ["2026-11-30", "", "2026-11-25", "2026-11-27"]
            for (index, date) in dates.enumerated() {
                _ = try await actions.assign(
                    ActionContent(catalogueID: "salon-forum", dueDate: date),
                    id: ActionsFixture.id(index)
                )
            }
            _ = try await actions.client.reportProgress(
                ReportProgressRequest(id: ActionsFixture.id(3), progress: Progress(status: .done)),
                options: ActionsFixture.asPerson()
            )
            var seen: [String] = []
            var cursor = ""
            repeat {
                let page = try await actions.client.listActions(
                    ListActionsRequest(
                        youngPersonID: ActionsFixture.personID,
                        limit: 1,
                        cursor: cursor
                    ),
                    options: ActionsFixture.asCounsellor()
                )
                #expect(page.open == 3)
                seen += page.actions.map(\.id)
                cursor = page.next
            } while !cursor.isEmpty
            #expect(seen == [2, 0, 1, 3].map(ActionsFixture.id))
        }
    }

    @Test func anOpenActionIsLateTheDayAfter() async throws {
        try await withActions { actions in
            _ = try await actions.assign(
                ActionContent(catalogueID: "salon-forum", dueDate: "2026-11-24")
            )
            let request = ListActionsRequest(youngPersonID: ActionsFixture.personID)
            let options = ActionsFixture.asPerson()
            let today = try await actions.client.listActions(request, options: options)
            #expect(today.late == 0)
            actions.clock.move(days: 1)
            let tomorrow = try await actions.client.listActions(request, options: options)
            #expect(tomorrow.late == 1)
            #expect(tomorrow.actions[0].late)
            let weeks = try await actions.client.listWeeks(
                ListWeeksRequest(),
                options: ActionsFixture.asCounsellor()
            )
            #expect(weeks.weeks.map(\.lateActions) == [1, 0])
        }
    }

    @Test func aCursorOfAnotherListingIsRefused() async throws {
        try await withActions { actions in
            let error = await #expect(throws: RPCError.self) {
                try await actions.client.listActions(
                    ListActionsRequest(youngPersonID: ActionsFixture.personID, cursor: "x"),
                    options: ActionsFixture.asPerson()
                )
            }
            #expect(error?.message.hasPrefix("cursor") == true)
        }
    }
}
