public import Contracts
public import RPC
public import Storage

/// Serves a database's change feed to the other services.
public struct FeedService: FeedServer {
    private let database: Database

    /// Serves the feed of `database`.
    public init(database: Database) {
        self.database = database
    }

    /// Streams what is stored behind the asked position, then what comes.
    public func watch(
        _ request: WatchFeedRequest,
        _ responses: ResponseWriter<ChangeBatch>,
        _ call: CallContext
    ) async throws {
        let until = request.until == 0 ? nil : request.until
        let youngPersonID = request.youngPersonID.isEmpty ? nil : request.youngPersonID
        let counsellorID = request.counsellorID.isEmpty ? nil : request.counsellorID
        var position = request.after
        // The first batch is sent even if it is empty: the watcher learns that it is connected.
        var isFirst = true
        while position < until ?? .max {
            let page = try await database.changes(
                after: position,
                limit: Self.changesPerBatchMax,
                kinds: request.kinds,
                youngPersonID: youngPersonID,
                counsellorID: counsellorID,
                until: until
            )
            if isFirst || page.lookedThrough > position {
                try await responses.write(ChangeBatch(page))
                isFirst = false
            }
            position = max(position, page.lookedThrough)
            guard page.isAtHead, position < until ?? .max else { continue }
            try await database.waitForChange(
                after: position,
                kinds: request.kinds,
                youngPersonID: youngPersonID,
                counsellorID: counsellorID
            )
        }
    }

    /// Keeps one batch well below the 1 MiB that a message may have.
    private static let changesPerBatchMax = 256
}

extension ChangeBatch {
    init(_ page: ChangePage) {
        self.init(
            changes: page.changes.map { stored in
                Change(
                    sequence: stored.sequence,
                    timeMs: stored.at.milliseconds,
                    kind: stored.kind,
                    youngPersonID: stored.youngPersonID,
                    counsellorID: stored.counsellorID,
                    body: stored.body
                )
            },
            through: page.lookedThrough,
            head: page.head
        )
    }
}
