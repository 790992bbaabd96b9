import Contracts
import Logging
import ServiceLifecycle

/// Closes offers that their source no longer has.
struct SourceKeeper: Sendable {
    let offers: OfferStore

    var store: SourceStore { SourceStore(database: offers.database) }

    /// Closes what a complete file lacked, unless that is so much that somebody must say yes first.
    ///
    /// - Returns: how many were closed, and how many wait.
    func settle(
        _ listing: Listing,
        from source: OfferSource
    ) async throws -> (closed: Int, waiting: Int) {
        let missing = try await store.missing(from: source, in: listing.sealed())
        let mayClose = try await store.decide(missing, from: source)
        return mayClose ? (try await close(source), 0) : (0, missing.count)
    }

    /// Closes what may be closed of a source; answers how many offers.
    func close(_ source: OfferSource) async throws -> Int {
        var closed = 0
        while true {
            let count = try await offers.closeNext(source)
            guard count > 0 else { return closed }
            closed += count
        }
    }
}

/// Goes on, after a start, with the closing that a stop broke off.
struct ClosingAfterStart: Service {
    let keeper: SourceKeeper
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            do {
                for source in try await keeper.store.accepted() {
                    let closed = try await keeper.close(source)
                    logger.notice(
                        "Closed offers that their source no longer has.",
                        metadata: ["source": "\(source.slug)", "closed": "\(closed)"]
                    )
                }
            } catch {
                logger.error("Offers could not be closed.", metadata: ["error": "\(error)"])
            }
        }
        try? await gracefulShutdown()
    }
}
