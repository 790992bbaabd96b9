public import ServiceKit

/// The parts of the `actions` process.
public enum ActionsProcess {
    /// The service over its database; no background work but what every service has.
    public static func parts(_ environment: ServiceEnvironment) -> ServiceParts {
        ServiceParts(
            services: [
                ActionsService(database: environment.database, now: environment.now)
            ],
            background: []
        )
    }
}
