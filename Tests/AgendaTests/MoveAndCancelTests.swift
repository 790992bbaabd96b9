@testable import Agenda
import Contracts
import RPC
import ServiceKit
import Storage
import Testing

@Suite struct MoveAndCancelTests {
    private let agenda: AgendaFixture
    private let start = AgendaFixture.monday + .days(10)

    init() async throws {
        agenda = try await AgendaFixture.inMemory()
        _ = try await agenda.service.bookAppointment(.hour(1, at: start), .counsellor)
    }

    private func move(to start: Timestamp) async throws -> Appointment {
        try await agenda.service.moveAppointment(.hour(1, at: start), .counsellor)
    }

    private func cancel(_ reason: String = "") async throws -> Appointment {
        try await agenda.service.cancelAppointment(
            CancelAppointmentRequest(id: appointmentID(1), reason: reason),
            .counsellor
        )
    }

    @Test func movingMovesTheRemindersAndTellsTheFeed() async throws {
        let moved = try await move(to: start + .days(1))
        #expect(moved.startMs == (start + .days(1)).milliseconds)
        #expect(moved.revision == 1)
        #expect(
            moved.reminders.map(\.dueMs)
                == [start - .days(6), start].map(\.milliseconds)
        )
        let change = try #require(try await agenda.feed().last)
        #expect(change.youngPersonID == AgendaFixture.youngPerson)
        #expect(change.counsellorID == AgendaFixture.counsellor)
        let body = try AppointmentMoved(serializedBytes: change.body)
        #expect(body.appointment == moved)
        #expect(body.previousStartMs == start.milliseconds)
        #expect(body.previousEndMs == start.milliseconds + 3_600_000)
    }

    @Test func movingToWhereItIsChangesNothing() async throws {
        let moved = try await move(to: start + .days(1))
        #expect(try await move(to: start + .days(1)) == moved)
        #expect(try await agenda.feed().count == 2)
    }

    @Test func aMovedDateIsRemindedOfOnlyOnce() async throws {
        _ = try await move(to: start + .days(2))
        _ = try await move(to: start)
        agenda.clock.set(start - .minutes(1))
        try await agenda.giveOutDue()
        let given = try await agenda.remindersGivenOut()
        #expect(given.map(\.kind) == [1, 2])
        #expect(given.allSatisfy { $0.startMs == start.milliseconds })
    }

    @Test func movingANearDateAwayRemindsAgain() async throws {
        agenda.clock.set(start - .days(1))
        try await agenda.giveOutDue()
        #expect(try await agenda.remindersGivenOut().count == 2)
        let moved = try await move(to: start + .days(7))
        #expect(moved.reminders.map(\.state) == [.waiting, .waiting])
        agenda.clock.set(start + .days(6))
        try await agenda.giveOutDue()
        let given = try await agenda.remindersGivenOut()
        #expect(given.map(\.kind) == [1, 2, 1, 2])
    }

    @Test func movingNearerThanADayLeavesNoReminder() async throws {
        agenda.clock.set(start - .days(8))
        let moved = try await move(to: start - .days(8) + .hours(3))
        #expect(moved.reminders.isEmpty)
        agenda.clock.set(start)
        try await agenda.giveOutDue()
        #expect(try await agenda.remindersGivenOut().isEmpty)
    }

    @Test func cancellingDropsTheRemindersForGood() async throws {
        let cancelled = try await cancel("Empêchement")
        #expect(cancelled.state == .cancelled)
        #expect(cancelled.revision == 1)
        #expect(cancelled.cancelReason == "Empêchement")
        #expect(cancelled.reminders.map(\.state) == [.dropped, .dropped])
        let change = try #require(try await agenda.feed().last)
        #expect(change.kind == AppointmentCancelled.fullName)
        #expect(change.youngPersonID == AgendaFixture.youngPerson)
        #expect(change.counsellorID == AgendaFixture.counsellor)
        let body = try AppointmentCancelled(serializedBytes: change.body)
        #expect(body.appointment == cancelled)
        agenda.clock.set(start - .hours(1))
        try await agenda.giveOutDue()
        #expect(try await agenda.remindersGivenOut().isEmpty)
    }

    @Test func cancellingAgainChangesNothing() async throws {
        let cancelled = try await cancel("Empêchement")
        #expect(try await cancel("Autre") == cancelled)
        #expect(try await agenda.feed().count == 2)
    }

    @Test func aGivenReminderStaysGivenAfterTheCancellation() async throws {
        agenda.clock.set(start - .days(7))
        try await agenda.giveOutDue()
        #expect(try await cancel().reminders.map(\.state) == [.emitted, .dropped])
    }

    @Test func aCancelledDateCannotBeMoved() async throws {
        _ = try await cancel()
        await #expect(throws: AgendaError.cancelled) { try await move(to: start + .days(1)) }
        await #expect(throws: AgendaError.cancelled) { try await move(to: start) }
        #expect(AgendaError.cancelled.rpcError.code == .failedPrecondition)
    }

    @Test func aMoveTakesTheZoneOfThePresentStructure() async throws {
        try await agenda.follow(
            [AgendaFixture.youngPerson],
            counsellor: AgendaFixture.counsellor,
            timeZone: "Indian/Reunion"
        )
        let read = GetAppointmentRequest(id: appointmentID(1))
        let before = try await agenda.service.getAppointment(read, .counsellor)
        #expect(before.timeZone == "Europe/Paris")
        // 20:00 in Paris is 22:00 on Réunion, whose evening ends two hours earlier.
        let moved = try await move(to: start + .hours(10))
        #expect(moved.timeZone == "Indian/Reunion")
        #expect(moved.reminders.last?.dueMs == (start - .days(1) + .hours(8)).milliseconds)
    }
}
