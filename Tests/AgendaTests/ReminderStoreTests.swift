@testable import Agenda
import Contracts
import Foundation
import RPC
import ServiceKit
import Storage
import Testing

@Suite struct ReminderStoreTests {
    private let start = AgendaFixture.monday + .days(10)

    /// Runs `body` on a directory of its own.
    private func withDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("agenda-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await body(directory.path)
    }

    private func open(_ directory: String) throws -> AgendaFixture {
        AgendaFixture(
            database: try Database.open(
                directory: directory,
                name: "agenda",
                migrations: AgendaSchema.migrations
            )
        )
    }

    @Test func aReminderSaysWhomWhatAndWhen() async throws {
        let agenda = try await AgendaFixture.inMemory()
        _ = try await agenda.service.bookAppointment(.hour(1, at: start), .counsellor)
        agenda.clock.set(start - .days(7) - .milliseconds(1))
        #expect(try await agenda.giveOutDue() == .milliseconds(1))
        #expect(try await agenda.feed().count == 1)
        agenda.clock.set(start - .days(7))
        #expect(try await agenda.giveOutDue() == Agenda.Limits.reminderSleepMax)
        let change = try #require(try await agenda.feed().last)
        #expect(change.kind == ReminderDue.fullName)
        #expect(change.at == start - .days(7))
        #expect(change.youngPersonID == AgendaFixture.youngPerson)
        #expect(change.counsellorID == AgendaFixture.counsellor)
        let body = try ReminderDue(serializedBytes: change.body)
        #expect(body.kind == .weekBefore)
        let stored = try await agenda.service.getAppointment(
            GetAppointmentRequest(id: appointmentID(1)),
            .youngPerson
        )
        #expect(body.appointment == stored)
        #expect(stored.reminders.map(\.state) == [.emitted, .waiting])
        // A reminder is no change of the appointment itself.
        #expect(stored.revision == 0)
    }

    @Test func aReminderDueWhileTheProcessWasDownComesOnItsReturn() async throws {
        try await withDirectory { directory in
            let before = try open(directory)
            try await before.follow(
                [AgendaFixture.youngPerson],
                counsellor: AgendaFixture.counsellor
            )
            _ = try await before.service.bookAppointment(.hour(1, at: start), .counsellor)
            try await before.database.close()

            let after = try open(directory)
            after.clock.set(start - .milliseconds(1))
            try await after.giveOutDue()
            try await after.giveOutDue()
            try await after.database.close()

            let again = try open(directory)
            again.clock.set(start + .days(1))
            try await again.giveOutDue()
            #expect(try await again.remindersGivenOut().map(\.kind) == [1, 2])
            try await again.database.close()
        }
    }

    @Test func aReminderOfAnAppointmentThatHasBegunIsDropped() async throws {
        let agenda = try await AgendaFixture.inMemory()
        _ = try await agenda.service.bookAppointment(.hour(1, at: start), .counsellor)
        agenda.clock.set(start)
        try await agenda.giveOutDue()
        #expect(try await agenda.remindersGivenOut().isEmpty)
        let stored = try await agenda.service.getAppointment(
            GetAppointmentRequest(id: appointmentID(1)),
            .counsellor
        )
        #expect(stored.reminders.map(\.state) == [.dropped, .dropped])
    }

    @Test func aClockSetBackGivesOutNothingTwice() async throws {
        let agenda = try await AgendaFixture.inMemory()
        _ = try await agenda.service.bookAppointment(.hour(1, at: start), .counsellor)
        agenda.clock.set(start - .days(1))
        try await agenda.giveOutDue()
        for instant in [start - .days(8), start - .days(7), start - .days(1)] {
            agenda.clock.set(instant)
            try await agenda.giveOutDue()
        }
        #expect(try await agenda.remindersGivenOut().map(\.kind) == [1, 2])
    }

    @Test func aWaitingReminderOfACancelledDateIsNotGivenOut() async throws {
        let agenda = try await AgendaFixture.inMemory()
        _ = try await agenda.service.bookAppointment(.hour(1, at: start), .counsellor)
        _ = try await agenda.service.bookAppointment(.hour(2, at: start), .counsellor)
        // Brought about by hand: the service drops the reminders in the same transaction.
        try await agenda.database.write { transaction in
            try transaction.execute(
                "UPDATE appointment SET state = 2 WHERE id = ?",
                [.text(appointmentID(1))]
            )
            try transaction.execute(
                "UPDATE appointment SET revision = 1, date_revision = 1 WHERE id = ?",
                [.text(appointmentID(2))]
            )
        }
        agenda.clock.set(start - .hours(1))
        try await agenda.giveOutDue()
        #expect(try await agenda.remindersGivenOut().isEmpty)
        let states = try await agenda.database.read { reader in
            try reader.rows("SELECT state FROM reminder").map { try $0.int("state") }
        }
        #expect(states == [3, 3, 3, 3])
    }

    @Test func tenThousandOnOneSecondComeInTwentyBatches() async throws {
        try await withDirectory { directory in
            let agenda = try open(directory)
            try await agenda.follow(
                [AgendaFixture.youngPerson],
                counsellor: AgendaFixture.counsellor
            )
            let service = agenda.service
            let start = start
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<10_000 {
                    if number >= 512 { try await group.next() }
                    group.addTask {
                        _ = try await service.bookAppointment(.hour(number, at: start), .counsellor)
                    }
                }
                try await group.waitForAll()
            }
            let reminders = ReminderStore(database: agenda.database)
            var batches: [Int] = []
            while batches.last != 0, batches.count < 30 {
                batches.append(
                    try await reminders.giveOut(
                        at: start - .days(7),
                        limit: Agenda.Limits.reminderBatchMax
                    )
                )
            }
            #expect(batches == Array(repeating: 500, count: 20) + [0])
            let given = try await agenda.remindersGivenOut()
            #expect(given.count == 10_000)
            #expect(Set(given.map(\.appointmentID)).count == 10_000)
            #expect(try await reminders.nextDue() == start - .days(1))
            try await agenda.database.close()
        }
    }

    @Test func noReminderFollowsTheMoveOrCancellationItRacesWith() async throws {
        try await withDirectory { directory in
            let agenda = try open(directory)
            try await agenda.follow(
                [AgendaFixture.youngPerson],
                counsellor: AgendaFixture.counsellor
            )
            let start = start
            let service = agenda.service
            for number in 0..<120 {
                _ = try await service.bookAppointment(.hour(number, at: start), .counsellor)
            }
            agenda.clock.set(start - .days(1))
            let reminders = ReminderStore(database: agenda.database)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<120 {
                    group.addTask {
                        _ = try await reminders.giveOut(at: start - .days(1), limit: 2)
                    }
                    group.addTask {
                        if number % 2 == 0 {
                            _ = try await service.cancelAppointment(
                                CancelAppointmentRequest(id: appointmentID(number)),
                                .counsellor
                            )
                        } else {
                            _ = try await service.moveAppointment(
                                .hour(number, at: start + .minutes(1)),
                                .counsellor
                            )
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await checkOrder(of: agenda)
            try await agenda.database.close()
        }
    }

    /// After its appointment's move or cancellation, no reminder of the first date follows.
    private func checkOrder(of agenda: AgendaFixture) async throws {
        var ended: Set<String> = []
        var given: [String: Int] = [:]
        for change in try await agenda.feed() {
            switch change.kind {
            case AppointmentCancelled.fullName:
                let body = try AppointmentCancelled(serializedBytes: change.body)
                ended.insert(body.appointment?.id ?? "")
            case AppointmentMoved.fullName:
                let body = try AppointmentMoved(serializedBytes: change.body)
                ended.insert(body.appointment?.id ?? "")
            case ReminderDue.fullName:
                let reminder = try GivenReminder(change)
                let isLate =
                    reminder.startMs == start.milliseconds && ended.contains(reminder.appointmentID)
                #expect(!isLate, "\(reminder)")
                given[reminder.appointmentID, default: 0] += 1
            default: break
            }
        }
        #expect(ended.count == 120)
        #expect(given.values.allSatisfy { $0 <= 2 })
        let waiting = try await agenda.database.read { reader in
            try reader.rows(
                """
                SELECT r.due_ms FROM reminder r JOIN appointment a ON a.id = r.appointment_id
                WHERE r.state = 1 AND (a.state = 2 OR r.revision <> a.date_revision)
                """
            ).count
        }
        #expect(waiting == 0)
    }
}
