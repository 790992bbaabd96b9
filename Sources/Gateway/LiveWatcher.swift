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
        /// Read a feed from `after` at least up to `until` and write what concerns the person.
        case catchUp(String, after: UInt64, until: UInt64)
        /// Write an event without a change; everything up to these positions was offered before.
        case signOfLife([String: UInt64])
    }

    private struct State {
        /// The last change of each feed that was written, or behind which the stream began.
        var positions: [String: UInt64]
        /// Feeds that the hub has not reached, or whose catching up failed: their changes wait in
        /// the service, not here.
        var waiting: Set<String>
        /// Feeds whose catching up is among the items or under way: what was offered before it
        /// began comes with it, and must not move the position ahead of it.
        var catchingUp: Set<String> = []
        var ending: RPCError?
    }

    let personID: String
    let person: Sessions.Person
    /// What to do, in order.
    ///
    /// Ends when the stream has to.
    let items: AsyncStream<Item>
    private let queue: AsyncStream<Item>.Continuation
    private let state: Mutex<State>

    /// So many events may wait for a slow client; then its stream ends and it comes back with its
    /// cursor.
    static let itemsMax = 1_024

    /// A watcher that goes on behind `positions`; a feed without one starts where the hub is.
    init(_ person: Sessions.Person, personID: String, positions: [String: UInt64]) {
        self.person = person
        self.personID = personID
        (items, queue) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.itemsMax))
        state = Mutex(State(positions: positions, waiting: Set(LiveHub.sources)))
    }

    /// The hub follows `source` from `position` on.
    ///
    /// A position ahead of the hub's is caught up with as well: the feed then says whether it has
    /// such a place at all.
    func connected(_ source: String, at position: UInt64) {
        let start: UInt64? = state.withLock { state in
            guard state.waiting.remove(source) != nil else { return nil }
            guard let own = state.positions[source] else {
                state.positions[source] = position
                return nil
            }
            guard own != position else { return nil }
            state.catchingUp.insert(source)
            return own
        }
        guard let start else { return }
        enqueue(.catchUp(source, after: start, until: max(start, position)))
    }

    /// The hub read a change that concerns the person.
    func offer(_ change: Change, of source: String) {
        let isWaiting = state.withLock { $0.waiting.contains(source) }
        if !isWaiting { enqueue(.change(source, change)) }
    }

    /// Puts a sign of life among what is to be written; the hub has offered all up to `positions`.
    func signLife(_ positions: [String: UInt64]) { enqueue(.signOfLife(positions)) }

    /// Catching up failed: `source` waits until the hub reaches it again.
    func pause(_ source: String) {
        state.withLock { state in
            state.catchingUp.remove(source)
            state.waiting.insert(source)
        }
    }

    /// Catching up is done: what the hub offered since comes next.
    func caughtUp(_ source: String) {
        state.withLock { _ = $0.catchingUp.remove(source) }
    }

    /// Whether a change is still to be written; `false` if it was, or if it comes later with a
    /// catching up.
    ///
    /// Moves the position: the caller writes the change next.
    func take(_ change: Change, of source: String, whileCatchingUp: Bool = false) -> Bool {
        state.withLock { state in
            guard !state.waiting.contains(source),
                state.catchingUp.contains(source) == whileCatchingUp,
                change.sequence > state.positions[source] ?? 0
            else { return false }
            state.positions[source] = change.sequence
            return true
        }
    }

    /// Everything of `source` up to `position` was looked at while catching up.
    func move(_ source: String, to position: UInt64) {
        state.withLock { $0.positions[source] = max($0.positions[source] ?? 0, position) }
    }

    /// Everything that was offered up to `positions` was written, for the feeds that do not wait.
    func passed(_ positions: [String: UInt64]) {
        state.withLock { state in
            for (source, position) in positions
            where !state.waiting.contains(source) && !state.catchingUp.contains(source) {
                state.positions[source] = max(state.positions[source] ?? 0, position)
            }
        }
    }

    /// Why the stream has to end; `nil` while it goes on.
    var ending: RPCError? { state.withLock { $0.ending } }

    /// Where a client goes on after what was written so far.
    var cursor: String {
        let positions = state.withLock { $0.positions }
        return LiveCursor.encode(positions)
    }

    /// Ends the stream; what still waits is not written.
    func end(_ error: RPCError) {
        state.withLock { $0.ending = $0.ending ?? error }
        queue.finish()
    }

    private func enqueue(_ item: Item) {
        guard case .dropped = queue.yield(item) else { return }
        end(
            RPCError(
                .resourceExhausted,
                "Too many events waited; go on from the last cursor."
            )
        )
    }
}

/// A position in every feed, as the opaque text that clients hand back.
enum LiveCursor {
    private static let version = "1"

    /// The error for a cursor that no event had, or whose place is gone because a service's data
    /// was put back to an earlier state.
    static let fault = RPCError(
        .failedPrecondition,
        "The cursor is not one of this service's; start again with an empty one."
    )

    static func encode(_ positions: [String: UInt64]) -> String {
        Cursor.encode([version] + LiveHub.sources.map { positions[$0].map(String.init) ?? "" })
    }

    /// - Throws: FAILED_PRECONDITION if the cursor is not one of ours.
    static func decode(_ text: String) throws(RPCError) -> [String: UInt64] {
        guard !text.isEmpty else { return [:] }
        guard let parts = try? Cursor.decode(text, count: LiveHub.sources.count + 1),
            parts[0] == version
        else { throw fault }
        var positions: [String: UInt64] = [:]
        for (source, part) in zip(LiveHub.sources, parts.dropFirst()) where !part.isEmpty {
            // Positions are signed where they are stored.
            guard let position = Int64(part), position >= 0 else { throw fault }
            positions[source] = UInt64(position)
        }
        return positions
    }
}
