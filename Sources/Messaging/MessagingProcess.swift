import Logging
public import ServiceKit
import ServiceLifecycle

/// What the process of messaging runs beside what every service runs.
public enum MessagingProcess {
    /// The service, the followers of the feeds that make notices, the clock of those that are told
    /// later, and the purge of old ones.
    public static func parts(_ environment: ServiceEnvironment) -> ServiceParts {
        let now = environment.now
        let service = MessagingService(database: environment.database, now: now)
        var background: [any Service] = NoticeFeed.all.map { feed in
            FeedFollower(
                source: feed.source,
                client: environment.client(feed.source),
                database: environment.database,
                kinds: feed.kinds,
                logger: environment.logger
            ) { change, transaction in
                try feed.apply(change, at: now(), in: transaction)
            }
        }
        background.append(PurgeService(purge: purge(of: service, environment)))
        background.append(NoticeClockService(clock: clock(environment)))
        return ServiceParts(services: [service], background: background)
    }

    private static func clock(_ environment: ServiceEnvironment) -> NoticeClock {
        let logger = environment.logger
        return NoticeClock(
            postponed: PostponedNotices(database: environment.database),
            now: environment.now,
            sleep: { try await Task.sleep(for: $0) },
            report: { error in
                logger.error(
                    "Postponed notices could not be given out; will try again.",
                    metadata: ["error": "\(error)"]
                )
            }
        )
    }

    private static func purge(
        of service: MessagingService,
        _ environment: ServiceEnvironment
    ) -> NoticePurge {
        let logger = environment.logger
        return NoticePurge(
            notices: service.notices,
            now: environment.now,
            sleep: { try await Task.sleep(for: $0) },
            report: { error in
                logger.error(
                    "Old notices could not be removed; will try again.",
                    metadata: ["error": "\(error)"]
                )
            }
        )
    }
}

/// Runs the purge until the process stops.
private struct PurgeService: Service {
    let purge: NoticePurge

    func run() async throws {
        await cancelWhenGracefulShutdown { await purge.run() }
    }
}

/// Runs the clock of postponed notices until the process stops.
private struct NoticeClockService: Service {
    let clock: NoticeClock

    func run() async throws {
        await cancelWhenGracefulShutdown { await clock.run() }
    }
}
