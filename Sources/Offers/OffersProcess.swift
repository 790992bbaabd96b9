import Logging
import RPC
public import ServiceKit
import ServiceLifecycle

/// The offers service as a process runs it.
public enum OffersProcess {
    /// The services on the process's own database, what keeps their index complete, and the matcher
    /// of saved searches.
    public static func parts(_ environment: ServiceEnvironment) -> ServiceParts {
        let offers = OffersService(database: environment.database, now: environment.now)
        let sources = OfferSourcesService(beside: offers)
        return ServiceParts(
            services: [
                offers, sources, AlertsService(beside: offers), PursuitsService(beside: offers),
            ],
            background: [
                ClosingAfterStart(keeper: sources.keeper, logger: environment.logger),
                IndexKeeper(offers: offers.offers, logger: environment.logger),
                MatcherService(offers: offers, logger: environment.logger),
            ]
        )
    }
}

/// Compares new offers with the saved searches until the process stops.
private struct MatcherService: Service {
    let offers: OffersService
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Comparing would hold up an event loop.
            await withTaskExecutorPreference(globalConcurrentExecutor) {
                var matcher = AlertMatcher(beside: offers)
                await matcher.run(
                    sleep: { try await Task.sleep(for: $0) },
                    report: { error in
                        logger.error(
                            "New offers could not be compared with the saved searches; will try again.",
                            metadata: ["error": "\(error)"]
                        )
                    }
                )
            }
        }
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
