import Contracts
import RPC
import ServiceKit

/// Streams to a person what concerns them, from all services.
struct LiveService: Sendable {
    let hub: LiveHub
    let feeds: [String: FeedClient]
    let backoff: Backoff
    /// Waits between two signs of life.
    let pause: @Sendable (Duration) async throws -> Void

    /// How often a quiet stream says that it lives and moves its client's cursor.
    private static let signOfLife = Duration.seconds(20)

    /// Writes events until the client goes.
    func watch(
        _ request: WatchLiveRequest,
        _ responses: ResponseWriter<LiveEvent>,
        _ person: Sessions.Person
    ) async throws {
        guard let personID = person.caller.personID else {
            throw RPCError(.unauthenticated, "Sign in first.")
        }
        let watcher = LiveWatcher(
            caller: person.caller,
            personID: personID,
            positions: try LiveCursor.decode(request.cursor)
        )
        hub.add(watcher)
        defer {
            hub.remove(watcher)
            watcher.finish()
        }
        // Tells the client that it is connected, and where it is.
        try await responses.write(LiveEvent(cursor: watcher.cursor))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await write(watcher, responses) }
            group.addTask { try await signLife(watcher) }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Puts a sign of life among what is to be written, again and again, and sees to feeds that
    /// wait although the hub has them.
    private func signLife(_ watcher: LiveWatcher) async throws {
        while true {
            try await pause(Self.signOfLife)
            hub.resume(watcher)
            watcher.signLife()
        }
    }

    private func write(
        _ watcher: LiveWatcher,
        _ responses: ResponseWriter<LiveEvent>
    ) async throws {
        for await item in watcher.items {
            switch item {
            case .change(let source, let change):
                try await write(change, of: source, to: watcher, responses)
            case .catchUp(let source, let after, let until):
                try await catchUp(watcher, source, after: after, until: until, responses)
            case .signOfLife:
                try await responses.write(LiveEvent(cursor: watcher.cursor))
            }
        }
        guard watcher.hasOverflowed else { return }
        throw RPCError(
            .resourceExhausted,
            "Too many events waited; go on from the last cursor."
        )
    }

    private func write(
        _ change: Change,
        of source: String,
        to watcher: LiveWatcher,
        _ responses: ResponseWriter<LiveEvent>
    ) async throws {
        guard watcher.take(change, of: source), Self.concerns(change, watcher.caller) else {
            return
        }
        let event = LiveEvent(cursor: watcher.cursor, service: source, change: change)
        try await responses.write(event)
    }

    /// Reads what a feed held before the hub took over.
    private func catchUp(
        _ watcher: LiveWatcher,
        _ source: String,
        after: UInt64,
        until: UInt64,
        _ responses: ResponseWriter<LiveEvent>
    ) async throws {
        guard let feed = feeds[source] else { return }
        var request = WatchFeedRequest(after: after, until: until)
        switch watcher.caller {
        case .counsellor(let id): request.counsellorID = id
        default: request.youngPersonID = watcher.personID
        }
        do {
            try await feed.watch(request, options: CallOptions()) { batches in
                for try await batch in batches {
                    for change in batch.changes {
                        try await write(change, of: source, to: watcher, responses)
                    }
                    watcher.move(source, to: min(batch.through, until))
                }
            }
        } catch let error as RPCError where error.code == .unavailable {
            // The hub says when the service is back; the stored position is where to go on.
            watcher.pause(source)
        }
    }

    /// Whether a change in whose feed entry the caller is named is for their eyes.
    ///
    /// Notices are each one person's, though the other side of the conversation is named as well.
    static func concerns(_ change: Change, _ caller: Caller) -> Bool {
        switch change.kind {
        case NoticeAdded.fullName:
            (try? NoticeAdded(serializedBytes: change.body))?.personID == caller.personID
        case NoticesSeen.fullName:
            (try? NoticesSeen(serializedBytes: change.body))?.personID == caller.personID
        case SessionEnded.fullName:
            false
        default:
            true
        }
    }
}
