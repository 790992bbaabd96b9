import RPC
public import ServiceKit

/// The parts of the `actions` process.
public enum ActionsProcess {
    /// The service over its database, and the follower of offers' feed, whose applications are
    /// actions done.
    public static func parts(_ environment: ServiceEnvironment) -> ServiceParts {
        let applications = ApplicationActions(ids: environment.ids, now: environment.now)
        return ServiceParts(
            services: [
                ActionsService(database: environment.database, now: environment.now)
            ],
            background: [
                FeedFollower(
                    source: ApplicationActions.source,
                    client: environment.client(ApplicationActions.source),
                    database: environment.database,
                    kinds: ApplicationActions.kinds,
                    logger: environment.logger,
                    apply: applications.apply
                )
            ]
        )
    }
}
