import Contracts
import RPC
import ServiceKit

/// Streams to a person what concerns them, from all services.
struct LiveService: Sendable {
    let hub: LiveHub
    let feeds: [String: FeedClient]
    let sessions: Sessions
    /// Waits between two signs of life.
    let pause: @Sendable (Duration) async throws -> Void

    /// How often a quiet stream says that it lives and moves its client's cursor.
    private static let signOfLife = Duration.seconds(20)
    /// A service that hangs must not hold up the others' events for longer.
    private static let pageTimeout = Duration.seconds(5)

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
            person,
            personID: personID,
            positions: try LiveCursor.decode(request.cursor)
        )
        try hub.add(watcher)
        defer { hub.remove(watcher) }
        // A session that ended while its stream was being opened had no stream to end.
        guard !sessions.isOver(person) else { throw Sessions.over }
        // Tells the client that it is connected, and where it is.
        try await responses.write(LiveEvent(cursor: watcher.cursor))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await write(watcher, responses) }
            group.addTask { try await signLife(watcher) }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Lets the stream show again and again that it lives, as long as the session does.
    private func signLife(_ watcher: LiveWatcher) async throws {
        while true {
            try await pause(Self.signOfLife)
            guard !sessions.isOver(watcher.person) else { throw Sessions.over }
            hub.signLife(watcher)
        }
    }

    private func write(
        _ watcher: LiveWatcher,
        _ responses: ResponseWriter<LiveEvent>
    ) async throws {
        for await item in watcher.items {
            if let ending = watcher.ending { throw ending }
            switch item {
            case .change(let source, let change):
                guard watcher.take(change, of: source) else { continue }
                try await write(change, of: source, to: watcher, responses)
            case .catchUp(let source, let after, let until):
                try await catchUp(watcher, source, after: after, until: until, responses)
            case .signOfLife(let positions):
                watcher.passed(positions)
                try await responses.write(LiveEvent(cursor: watcher.cursor))
            }
        }
        if let ending = watcher.ending { throw ending }
    }

    /// Writes a change that was taken, if the person may see it.
    private func write(
        _ change: Change,
        of source: String,
        to watcher: LiveWatcher,
        _ responses: ResponseWriter<LiveEvent>
    ) async throws {
        guard Self.concerns(change, watcher.person.caller) else { return }
        let event = LiveEvent(cursor: watcher.cursor, service: source, change: change)
        try await responses.write(event)
    }

    /// Reads what a feed held before the hub took over.
    ///
    /// Page by page: a client that does not read must not keep a stream to the service open, of
    /// which there are few.
    private func catchUp(
        _ watcher: LiveWatcher,
        _ source: String,
        after: UInt64,
        until: UInt64,
        _ responses: ResponseWriter<LiveEvent>
    ) async throws {
        guard let feed = feeds[source] else { return }
        var position = after
        repeat {
            let page: ChangeBatch
            do {
                page = try await Self.page(of: feed, after: position, for: watcher)
            } catch {
                if Task.isCancelled { throw error }
                if (error as? RPCError)?.code == .outOfRange { throw LiveCursor.fault }
                // The next sign of life, or the hub when it reaches the service again, lets the
                // stream go on where it is; the other services' events need not wait for that.
                return watcher.pause(source)
            }
            guard page.head >= until else { throw LiveCursor.fault }
            for change in page.changes
            where watcher.take(change, of: source, whileCatchingUp: true) {
                if let ending = watcher.ending { throw ending }
                try await write(change, of: source, to: watcher, responses)
            }
            position = max(position, page.through)
            watcher.move(source, to: position)
        } while position < until
        watcher.caughtUp(source)
    }

    /// The next changes behind a position that name the watcher's person.
    private static func page(
        of feed: FeedClient,
        after position: UInt64,
        for watcher: LiveWatcher
    ) async throws -> ChangeBatch {
        var request = WatchFeedRequest(after: position)
        switch watcher.person.caller {
        case .counsellor(let id): request.counsellorID = id
        default: request.youngPersonID = watcher.personID
        }
        return try await feed.watch(request, options: CallOptions(timeout: pageTimeout)) {
            batches in
            for try await batch in batches { return batch }
            throw RPCError(.unavailable, "The feed ended before its first batch.")
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
