public import ServiceKit

/// What the process of messaging runs beside what every service runs.
public enum MessagingProcess {
    /// The service, the followers of the feeds that make notices, and the purge of old ones.
    public static func parts(_ environment: ServiceEnvironment) -> ServiceParts {
        let now = environment.now
        let service = MessagingService(database: environment.database, now: now)
        let followers = NoticeFeed.all.map { feed in
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
        return ServiceParts(services: [service], background: followers)
    }
}
