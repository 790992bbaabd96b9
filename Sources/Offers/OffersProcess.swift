import RPC
public import ServiceKit

/// The offers service as a process runs it.
public enum OffersProcess {
    /// Builds the service on the process's own database.
    public static func parts(_ environment: ServiceEnvironment) -> ServiceParts {
        let service = OffersService(database: environment.database, now: environment.now)
        return ServiceParts(services: [service])
    }
}
