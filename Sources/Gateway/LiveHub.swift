import Contracts
import Logging
import RPC
import ServiceKit
import ServiceLifecycle
import Synchronization

/// Follows the feeds of all services once and hands each change to the people it concerns.
///
/// The hub keeps no history. What a watcher missed is read from the service's own feed, up to the
/// position at which the hub took over; so there is neither gap nor double.
final class LiveHub: Sendable {
    /// The services whose feeds people watch, in the order of a cursor's parts.
    static let sources = ["accounts", "messaging", "agenda", "actions", "offers"]

    private struct State {
        /// How far the hub has read each feed; `nil` until it first reached the service.
        var positions: [String: UInt64] = [:]
        var watchers: [String: [LiveWatcher]] = [:]
    }

    private let state = Mutex(State())
    private let logger: Logger
    private let onSessionEnded: @Sendable (String) -> Void

    /// A hub; `onSessionEnded` is told of each session that accounts' feed reports as ended.
    init(logger: Logger, onSessionEnded: @escaping @Sendable (String) -> Void) {
        self.logger = logger
        self.onSessionEnded = onSessionEnded
    }

    /// Adds a watcher.
    ///
    /// From here on it is told of every later change; what lies between its cursor and here it is
    /// told to read back.
    func add(_ watcher: LiveWatcher) {
        state.withLock { state in
            state.watchers[watcher.personID, default: []].append(watcher)
            for source in Self.sources {
                if let position = state.positions[source] {
                    watcher.connected(source, at: position)
                }
            }
        }
    }

    /// Lets a watcher catch up on feeds that it gave up while the hub had them.
    func resume(_ watcher: LiveWatcher) {
        state.withLock { state in
            for (source, position) in state.positions {
                watcher.connected(source, at: position)
            }
        }
    }

    func remove(_ watcher: LiveWatcher) {
        state.withLock { state in
            state.watchers[watcher.personID]?.removeAll { $0 === watcher }
            if state.watchers[watcher.personID]?.isEmpty == true {
                state.watchers[watcher.personID] = nil
            }
        }
    }

    /// Follows one service's feed until the process stops.
    func follow(_ source: String, through client: FeedClient, backoff: Backoff) async {
        var failures = 0
        while !Task.isCancelled {
            do {
                let start = try await start(source, client)
                let request = WatchFeedRequest(after: start)
                let options = CallOptions(waitsForConnection: true)
                try await client.watch(request, options: options) { batches in
                    connected(source, at: start)
                    for try await batch in batches {
                        failures = 0
                        deliver(batch, of: source)
                    }
                }
            } catch {
                if Task.isCancelled { return }
                if failures == 0 {
                    logger.warning(
                        "Lost a feed; live events of it pause.",
                        metadata: ["source": "\(source)", "error": "\(error)"]
                    )
                }
            }
            failures += 1
            try? await Task.sleep(for: backoff.delay(failures: failures))
        }
    }

    /// Where to go on: behind what was read, or at the feed's end the first time.
    private func start(_ source: String, _ client: FeedClient) async throws -> UInt64 {
        if let position = state.withLock({ $0.positions[source] }) { return position }
        // The first batch tells the head, whatever it holds.
        let request = WatchFeedRequest(until: 1)
        let options = CallOptions(waitsForConnection: true)
        return try await client.watch(request, options: options) { batches in
            for try await batch in batches { return batch.head }
            return 0
        }
    }

    private func connected(_ source: String, at position: UInt64) {
        state.withLock { state in
            state.positions[source] = position
            for watchers in state.watchers.values {
                for watcher in watchers { watcher.connected(source, at: position) }
            }
        }
    }

    private func deliver(_ batch: ChangeBatch, of source: String) {
        for change in batch.changes where change.kind == SessionEnded.fullName {
            // A body that does not decode would be our own bug; the session then ends by its age.
            guard let ended = try? SessionEnded(serializedBytes: change.body) else { continue }
            onSessionEnded(ended.sessionID)
        }
        state.withLock { state in
            for change in batch.changes {
                for personID in [change.youngPersonID, change.counsellorID] where personID != "" {
                    for watcher in state.watchers[personID] ?? [] {
                        watcher.offer(change, of: source)
                    }
                }
            }
            state.positions[source] = max(state.positions[source] ?? 0, batch.through)
        }
    }
}
