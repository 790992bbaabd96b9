import Logging
import RPC
public import ServiceKit
import ServiceLifecycle

/// The offers service as a process runs it.
public enum OffersProcess {
    /// Builds the service on the process's own database, and keeps its index complete.
    public static func parts(_ environment: ServiceEnvironment) -> ServiceParts {
        let service = OffersService(database: environment.database, now: environment.now)
        let keeper = IndexKeeper(offers: service.offers, logger: environment.logger)
        return ServiceParts(services: [service], background: [keeper])
    }
}

/// Reads the index at start, before the first search asks for it, and indexes what waits.
struct IndexKeeper: Service {
    let offers: OfferStore
    let logger: Logger

    private static let pauseAfterFailure = Duration.seconds(10)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Analysing texts would hold up an event loop.
            await withTaskExecutorPreference(globalConcurrentExecutor) {
                _ = TradeNames.shared
                await indexAll()
            }
        }
        try await gracefulShutdown()
    }

    private func indexAll() async {
        while !Task.isCancelled {
            do {
                guard try await offers.indexWaiting() else { return }
            } catch is CancellationError {
                return
            } catch {
                logger.error(
                    "Offers could not be indexed; will try again.",
                    metadata: ["error": "\(error)"]
                )
                try? await Task.sleep(for: Self.pauseAfterFailure)
            }
        }
    }
}
