@testable import Agenda
import Contracts
import RPC
import ServiceKit
import Storage
import Synchronization
import Testing

/// A sleep that a test ends.
private final class ManualSleep: Sendable {
    private struct State {
        var sleepers: [Int: CheckedContinuation<Void, Never>] = [:]
        var count = 0
        /// Sleeps begun that the test has not asked for yet.
        var begun: [Duration] = []
        var observer: CheckedContinuation<Duration, Never>?
    }

    private let state = Mutex(State())

    /// Sleeps until `end()` or the task is cancelled.
    func sleep(_ duration: Duration) async throws {
        let number = state.withLock { state in
            state.count += 1
            return state.count
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isOver, observer) = state.withLock { state in
                    let observer = state.observer
                    state.observer = nil
                    if observer == nil { state.begun.append(duration) }
                    if !Task.isCancelled { state.sleepers[number] = continuation }
                    return (state.sleepers[number] == nil, observer)
                }
                observer?.resume(returning: duration)
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: number) }?.resume()
        }
        try Task.checkCancellation()
    }

    /// How long the next sleep is to last, as soon as it has begun.
    func next() async -> Duration {
        await withCheckedContinuation { continuation in
            let duration = state.withLock { state -> Duration? in
                if !state.begun.isEmpty { return state.begun.removeFirst() }
                state.observer = continuation
                return nil
            }
            if let duration { continuation.resume(returning: duration) }
        }
    }

    /// Ends all sleeps under way.
    func end() {
        let sleepers = state.withLock { state in
            defer { state.sleepers = [:] }
            return state.sleepers.values
        }
        for sleeper in sleepers { sleeper.resume() }
    }
}

@Suite(.timeLimit(.minutes(1))) struct ReminderClockTests {
    private let start = AgendaFixture.monday + .days(10)

    /// Runs a clock beside `body`, which is given the clock's sleep.
    private func withClock(
        of agenda: AgendaFixture,
        report: @escaping @Sendable (any Error) -> Void = { _ in },
        _ body: (ManualSleep) async throws -> Void
    ) async throws {
        let sleep = ManualSleep()
        let settable = agenda.clock
        let clock = ReminderClock(
            database: agenda.database,
            bell: agenda.bell,
            now: { settable.now },
            sleep: sleep.sleep,
            report: report
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await clock.run() }
            try await body(sleep)
            group.cancelAll()
        }
    }

    @Test func withNothingToDoItSleepsItsLongest() async throws {
        let agenda = try await AgendaFixture.inMemory()
        try await withClock(of: agenda) { sleep in
            #expect(await sleep.next() == Agenda.Limits.reminderSleepMax)
            sleep.end()
            #expect(await sleep.next() == Agenda.Limits.reminderSleepMax)
        }
    }

    @Test func itSleepsUntilTheNextReminderAndGivesItOut() async throws {
        let agenda = try await AgendaFixture.inMemory()
        _ = try await agenda.service.bookAppointment(.hour(1, at: start), .counsellor)
        agenda.clock.set(start - .days(7) - .seconds(12))
        try await withClock(of: agenda) { sleep in
            // The booking rang before the clock ran: its first sleep is over at once.
            #expect(await sleep.next() == .seconds(12))
            #expect(await sleep.next() == .seconds(12))
            // Woken too early, it only goes on sleeping.
            agenda.clock.set(start - .days(7) - .milliseconds(1))
            sleep.end()
            #expect(await sleep.next() == .milliseconds(1))
            let early = try await agenda.remindersGivenOut()
            #expect(early.isEmpty)
            agenda.clock.set(start - .days(7))
            sleep.end()
            #expect(await sleep.next() == Agenda.Limits.reminderSleepMax)
            let given = try await agenda.remindersGivenOut()
            #expect(given.map(\.kind) == [1])
        }
    }

    @Test func aBookingWakesIt() async throws {
        let agenda = try await AgendaFixture.inMemory()
        try await withClock(of: agenda) { sleep in
            #expect(await sleep.next() == Agenda.Limits.reminderSleepMax)
            let soon = AgendaFixture.monday + .days(1) + .seconds(3)
            _ = try await agenda.service.bookAppointment(.hour(1, at: soon), .counsellor)
            #expect(await sleep.next() == .seconds(3))
            _ = try await agenda.service.moveAppointment(
                .hour(1, at: soon + .seconds(4)),
                .counsellor
            )
            #expect(await sleep.next() == .seconds(7))
        }
    }

    @Test func afterAFailureItTriesAgain() async throws {
        let agenda = try await AgendaFixture.inMemory()
        _ = try await agenda.service.bookAppointment(.hour(1, at: start), .counsellor)
        agenda.clock.set(start - .days(7))
        try await agenda.database.write { transaction in
            _ = try transaction.execute("ALTER TABLE reminder RENAME TO reminder_away")
        }
        let failures = Mutex(0)
        try await withClock(
            of: agenda,
            report: { _ in failures.withLock { $0 += 1 } },
            { sleep in
                #expect(await sleep.next() == Agenda.Limits.reminderRetryDelay)
                #expect(failures.withLock { $0 } == 1)
                try await agenda.database.write { transaction in
                    _ = try transaction.execute("ALTER TABLE reminder_away RENAME TO reminder")
                }
                sleep.end()
                #expect(await sleep.next() == Agenda.Limits.reminderSleepMax)
                #expect(try await agenda.remindersGivenOut().map(\.kind) == [1])
            }
        )
    }

    @Test func aRingIsRememberedUntilTheNextWait() async {
        let bell = ReminderBell()
        bell.ring()
        bell.ring()
        await bell.wait()
        // The second ring said nothing new: this wait ends by cancellation only.
        let wasCancelled = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await bell.wait()
                return Task.isCancelled
            }
            group.cancelAll()
            return await group.next()
        }
        #expect(wasCancelled == true)
    }
}
