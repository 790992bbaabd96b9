import ServiceKit
public import Storage

/// Gives out the reminders when they are due, for as long as the process runs.
///
/// The table is the truth, the clock only looks at it: one that was stopped over a due time gives
/// out on its return what is still in time, and two clocks on one table give out nothing twice.
public struct ReminderClock: Sendable {
    private let reminders: ReminderStore
    private let bell: ReminderBell
    private let now: @Sendable () -> Timestamp
    private let sleep: @Sendable (Duration) async throws -> Void
    private let report: @Sendable (any Error) -> Void

    /// A clock on a database with `AgendaSchema.migrations`.
    ///
    /// - Parameters:
    ///   - database: the agenda's own database.
    ///   - bell: the bell that the service rings after each new date.
    ///   - now: the clock.
    ///   - sleep: waits for so long, or until the task is cancelled.
    ///   - report: told of each failure; the clock then tries again.
    public init(
        database: Database,
        bell: ReminderBell,
        now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        report: @escaping @Sendable (any Error) -> Void
    ) {
        reminders = ReminderStore(database: database)
        self.bell = bell
        self.now = now
        self.sleep = sleep
        self.report = report
    }

    /// Gives out reminders until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            do {
                try await rest(for: giveOutDue())
            } catch {
                if Task.isCancelled { return }
                report(error)
                try? await sleep(Limits.reminderRetryDelay)
            }
        }
    }

    /// Gives out all that is due, in bounded batches.
    ///
    /// - Returns: how long there is nothing to do, as far as is known now.
    func giveOutDue() async throws -> Duration {
        while let due = try await reminders.nextDue() {
            let now = now()
            guard due <= now else { return min(due.since(now), Limits.reminderSleepMax) }
            _ = try await reminders.giveOut(at: now, limit: Limits.reminderBatchMax)
        }
        return Limits.reminderSleepMax
    }

    /// Sleeps, at most until the bell is rung.
    private func rest(for duration: Duration) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await sleep(duration) }
            group.addTask { await bell.wait() }
            try await group.next()
            group.cancelAll()
        }
    }
}
