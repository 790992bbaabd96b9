import Contracts
import RPC
import ServiceKit
import Synchronization

/// One person's live stream: what waits to be written to it, and how far it is with each feed.
final class LiveWatcher: Sendable {
    /// What the stream has to do next.
    enum Item: Sendable {
        /// Write a change.
        case change(String, Change)
        /// Read a feed from `after` up to `until` and write what concerns the person.
        case catchUp(String, after: UInt64, until: UInt64)
        /// Write an event without a change.
        case signOfLife
    }

    private struct State {
        /// The last change of each feed that was written, or behind which the stream began.
        var positions: [String: UInt64]
        /// Feeds that the hub has not reached, or whose catching up failed: their changes wait in
        /// the service, not here.
        var waiting: Set<String>
        var hasOverflowed = false
    }

    let personID: String
    let caller: Caller
    /// What to do, in order.
    ///
    /// Ends when more than `itemsMax` wait.
    let items: AsyncStream<Item>
    private let queue: AsyncStream<Item>.Continuation
    private let state: Mutex<State>

    /// So many events may wait for a slow client; then its stream ends and it comes back with its
    /// cursor.
    static let itemsMax = 1_024

    /// A watcher that goes on behind `positions`; a feed without one starts where the hub is.
    init(caller: Caller, personID: String, positions: [String: UInt64]) {
        self.caller = caller
        self.personID = personID
        (items, queue) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.itemsMax))
        state = Mutex(State(positions: positions, waiting: Set(LiveHub.sources)))
    }

    /// The hub follows `source` from `position` on.
    func connected(_ source: String, at position: UInt64) {
        let start: UInt64? = state.withLock { state in
            guard state.waiting.remove(source) != nil else { return nil }
            guard let own = state.positions[source] else {
                state.positions[source] = position
                return nil
            }
            return own < position ? own : nil
        }
        if let start { enqueue(.catchUp(source, after: start, until: position)) }
    }

    /// The hub read a change that concerns the person.
    func offer(_ change: Change, of source: String) {
        let isWaiting = state.withLock { $0.waiting.contains(source) }
        if !isWaiting { enqueue(.change(source, change)) }
    }

    /// Puts a sign of life among what is to be written.
    func signLife() { enqueue(.signOfLife) }

    /// Catching up failed: `source` waits until the hub reaches it again.
    func pause(_ source: String) {
        state.withLock { _ = $0.waiting.insert(source) }
    }

    /// Whether a change is still to be written; `false` if it was, or if its feed waits.
    ///
    /// Moves the position: the caller writes the change next.
    func take(_ change: Change, of source: String) -> Bool {
        state.withLock { state in
            guard !state.waiting.contains(source),
                change.sequence > state.positions[source] ?? 0
            else { return false }
            state.positions[source] = change.sequence
            return true
        }
    }

    /// Everything of `source` up to `position` was looked at.
    func move(_ source: String, to position: UInt64) {
        state.withLock { $0.positions[source] = max($0.positions[source] ?? 0, position) }
    }

    /// Whether the stream ended because too much waited.
    var hasOverflowed: Bool { state.withLock { $0.hasOverflowed } }

    /// Where a client goes on after what was written so far.
    var cursor: String {
        let positions = state.withLock { $0.positions }
        return LiveCursor.encode(positions)
    }

    /// Ends the stream.
    func finish() { queue.finish() }

    private func enqueue(_ item: Item) {
        guard case .dropped = queue.yield(item) else { return }
        state.withLock { $0.hasOverflowed = true }
        queue.finish()
    }
}

/// A position in every feed, as the opaque text that clients hand back.
enum LiveCursor {
    private static let version = "1"

    static func encode(_ positions: [String: UInt64]) -> String {
        Cursor.encode([version] + LiveHub.sources.map { positions[$0].map(String.init) ?? "" })
    }

    /// - Throws: FAILED_PRECONDITION if the cursor is not one of ours.
    static func decode(_ text: String) throws(RPCError) -> [String: UInt64] {
        guard !text.isEmpty else { return [:] }
        let fault = RPCError(
            .failedPrecondition,
            "The cursor is not one of this service's; start again with an empty one."
        )
        guard let parts = try? Cursor.decode(text, count: LiveHub.sources.count + 1),
            parts[0] == version
        else { throw fault }
        var positions: [String: UInt64] = [:]
        for (source, part) in zip(LiveHub.sources, parts.dropFirst()) where !part.isEmpty {
            guard let position = UInt64(part) else { throw fault }
            positions[source] = position
        }
        return positions
    }
}
