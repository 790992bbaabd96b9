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

    /// So many streams one person may have open at once: each device and window has one, and each
    /// makes every change of that person dearer for all.
    static let watchersPerPersonMax = 64

    /// Adds a watcher.
    ///
    /// From here on it is told of every later change; what lies between its cursor and here it is
    /// told to read back.
    ///
    /// - Throws: RESOURCE_EXHAUSTED if the person has too many already.
    func add(_ watcher: LiveWatcher) throws(RPCError) {
        try state.withLock { state throws(RPCError) in
            guard state.watchers[watcher.personID, default: []].count < Self.watchersPerPersonMax
            else {
                throw RPCError(
                    .resourceExhausted,
                    "\(Self.watchersPerPersonMax) live streams are open already; close one."
                )
            }
            state.watchers[watcher.personID, default: []].append(watcher)
            for (source, position) in state.positions {
                watcher.connected(source, at: position)
            }
        }
    }

    /// Sends a watcher a sign of life, and lets it catch up on feeds that it gave up while the hub
    /// had them.
    func signLife(_ watcher: LiveWatcher) {
        state.withLock { state in
            for (source, position) in state.positions {
                watcher.connected(source, at: position)
            }
            watcher.signLife(state.positions)
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
                    var isFirst = true
                    for try await batch in batches {
                        // Not before: watchers that wait would ask a service that is not there.
                        if isFirst { connected(source, at: start) }
                        isFirst = false
                        failures = 0
                        deliver(batch, of: source)
                    }
                }
            } catch {
                if Task.isCancelled { return }
                if (error as? RPCError)?.code == .outOfRange { lostPlace(in: source) }
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

    /// A feed is there, read up to `position`: watchers that wait for it are told.
    func connected(_ source: String, at position: UInt64) {
        state.withLock { state in
            state.positions[source] = position
            for watcher in state.watchers.values.joined() {
                watcher.connected(source, at: position)
            }
        }
    }

    /// A feed ends before the place that was read: its service's data was put back to an earlier
    /// state, and every position in it has lost its meaning.
    ///
    /// The hub starts again at the feed's end, and so has each client to.
    func lostPlace(in source: String) {
        logger.error(
            "A feed is shorter than what was read of it; live streams start again.",
            metadata: ["source": "\(source)"]
        )
        state.withLock { state in
            state.positions[source] = nil
            for watcher in state.watchers.values.joined() { watcher.end(LiveCursor.fault) }
        }
    }

    /// Hands a batch of a feed to the people it concerns.
    func deliver(_ batch: ChangeBatch, of source: String) {
        for change in batch.changes where change.kind == SessionEnded.fullName {
            // A body that does not decode would be our own bug; the session then ends by its age.
            guard let ended = try? SessionEnded(serializedBytes: change.body) else { continue }
            onSessionEnded(ended.sessionID)
            endStreams(of: ended.sessionID, change)
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

    private func endStreams(of sessionID: String, _ change: Change) {
        state.withLock { state in
            for personID in [change.youngPersonID, change.counsellorID] {
                for watcher in state.watchers[personID] ?? []
                where watcher.person.sessionID == sessionID {
                    watcher.end(Sessions.over)
                }
            }
        }
    }
}
