import Foundation
import RPC
public import ServiceKit

/// What the accounts process runs.
public enum AccountsProcess {
    /// The service on the process's database, with the system's own randomness.
    public static func parts(_ environment: ServiceEnvironment) -> ServiceParts {
        let service = AccountsService(
            database: environment.database,
            cores: ProcessInfo.processInfo.activeProcessorCount,
            ids: environment.ids,
            random: { count in
                var generator = SystemRandomNumberGenerator()
                return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            },
            now: environment.now
        )
        return ServiceParts(services: [service])
    }
}
