import Logging
import RPC
import ServiceLifecycle

/// Says that the process is ready, and ends its server's calls when it stops.
struct Serving: Service {
    let server: RPCServer
    /// The door for operators, the last to close.
    let operators: RPCServer?
    /// What the server listens on.
    let address: String
    let within: Duration
    let logger: Logger

    func run() async throws {
        // Not before: services run once the signals to stop are caught, so a process that called
        // itself ready stops in good order.
        logger.info("Ready.", metadata: ["address": "\(address)"])
        // Returns when the stop was asked for, or throws when the group is cancelled.
        try? await gracefulShutdown()
        await server.drain(within: within)
        await operators?.drain(within: .seconds(1))
    }
}

/// Tells clients by the health service whether the process can do its work.
struct HealthWatch: Service {
    let server: RPCServer
    let logger: Logger
    let isHealthy: @Sendable () async -> Bool

    /// Below the two seconds within which an operator expects the state to be true.
    private static let interval = Duration.seconds(1)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var wasHealthy = true
            while !Task.isCancelled {
                let isHealthy = await isHealthy()
                if isHealthy != wasHealthy {
                    logger.log(
                        level: isHealthy ? .notice : .error,
                        isHealthy
                            ? "Healthy again." : "The database is out of reach or its disk full."
                    )
                    server.setServing(isHealthy)
                    wasHealthy = isHealthy
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }
}
