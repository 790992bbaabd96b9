import Contracts
import Logging
public import ServiceKit
import ServiceLifecycle
import Storage

/// What the `agenda` process consists of.
public enum AgendaProcess {
    /// The service, and the clock that gives out its reminders.
    public static func parts(_ environment: ServiceEnvironment) -> ServiceParts {
        let bell = ReminderBell()
        let now = environment.now
        let logger = environment.logger
        let clock = ReminderClock(
            database: environment.database,
            bell: bell,
            now: now,
            sleep: { try await Task.sleep(for: $0) },
            report: { error in
                logger.error(
                    "Reminders could not be given out; will try again.",
                    metadata: ["error": "\(error)"]
                )
            }
        )
        return ServiceParts(
            services: [AgendaService(database: environment.database, bell: bell, now: now)],
            background: [ReminderService(clock: clock)]
        )
    }
}

/// Runs the reminder clock until the process stops.
private struct ReminderService: Service {
    let clock: ReminderClock

    func run() async throws {
        await cancelWhenGracefulShutdown { await clock.run() }
    }
}
