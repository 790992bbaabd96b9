public import Contracts
public import Logging
public import RPC
public import ServiceLifecycle
public import Storage

/// Follows another service's change feed and applies each change exactly once.
///
/// The position is stored in the transaction that applies the change, so a crash between the two
/// cannot happen; a neighbour that is down is waited for and caught up with.
public struct FeedFollower: Service {
    private let source: String
    private let client: FeedClient
    private let database: Database
    private let kinds: [String]
    private let logger: Logger
    private let backoff: Backoff
    private let apply: @Sendable (Change, Transaction) throws -> Void

    /// Follows `source` through `client`.
    ///
    /// - Parameters:
    ///   - source: the other service's name, under which the position is kept.
    ///   - client: a client of that service.
    ///   - database: where the position and what `apply` writes are stored.
    ///   - kinds: the only changes wanted; others never travel.
    ///   - logger: told when the neighbour goes and comes.
    ///   - backoff: how long to wait before trying again.
    ///   - apply: brings one change in, inside the transaction that moves the position.
    public init(
        source: String,
        client: RPCClient,
        database: Database,
        kinds: [String],
        logger: Logger,
        backoff: Backoff = Backoff(),
        apply: @escaping @Sendable (Change, Transaction) throws -> Void
    ) {
        self.source = source
        self.client = FeedClient(client)
        self.database = database
        self.kinds = kinds
        self.logger = logger
        self.backoff = backoff
        self.apply = apply
    }

    /// Follows until the process stops.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await follow() }
    }

    private func follow() async {
        var failures = 0
        while !Task.isCancelled {
            do {
                try await watch { failures = 0 }
            } catch is CancellationError {
                return
            } catch {
                if Task.isCancelled { return }
                // Told at 0, 1, 2, 4, 8 … failures: not drowned, not forgotten.
                if failures & (failures - 1) == 0 {
                    logger.warning(
                        "Lost the feed; will go on from the stored position.",
                        metadata: ["source": "\(source)", "error": "\(error)"]
                    )
                }
            }
            failures += 1
            try? await Task.sleep(for: backoff.delay(failures: failures))
        }
    }

    private func watch(onBatch: () -> Void) async throws {
        let source = source
        let position = try await database.read { try $0.feedPosition(of: source) }
        let request = WatchFeedRequest(after: position, kinds: kinds)
        let options = CallOptions(waitsForConnection: true)
        try await client.watch(request, options: options) { batches in
            for try await batch in batches {
                try await store(batch)
                onBatch()
            }
        }
    }

    /// Applies a batch and moves the position, in one transaction.
    func store(_ batch: ChangeBatch) async throws {
        let source = source
        let apply = apply
        try await database.write { transaction in
            let position = try transaction.feedPosition(of: source)
            for change in batch.changes where change.sequence > position {
                try apply(change, transaction)
            }
            if batch.through > position {
                try transaction.setFeedPosition(of: source, to: batch.through)
            }
        }
    }
}

/// How long to wait before trying again: doubling from `first` up to `most`, spread by a fifth so
/// that many do not come back at once.
public struct Backoff: Sendable {
    let first: Duration
    let most: Duration
    let random: @Sendable () -> Double

    /// A backoff; `random` answers numbers from 0 up to 1.
    public init(
        first: Duration = .milliseconds(100),
        most: Duration = .seconds(5),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.first = first
        self.most = most
        self.random = random
    }

    /// The wait after so many failures in a row, counted from 1.
    public func delay(failures: Int) -> Duration {
        let doubled = first * (1 << min(max(failures - 1, 0), 20))
        return min(doubled, most) * (0.8 + 0.4 * random())
    }
}
