/// A service's own database: the only place where it keeps state.
///
/// Opened once, by one process. An answer to `write` means that the write is on the disk. Reads see
/// one moment each and never wait for writes. The change feed is part of it.
public final class Database: Sendable {
    /// The file, for messages; `:memory:` for one in memory.
    public let path: String

    let connections: Connections
    let feed = FeedSignal()
    let reads: ReadQueue
    let writes: WriteQueue
    let lock: ProcessLock?

    init(connections: Connections, path: String, lock: ProcessLock?, options: DatabaseOptions) {
        self.connections = connections
        self.path = path
        self.lock = lock
        let context = Session.Context(path: path)
        reads = ReadQueue(
            connections: connections.readers,
            context: context,
            waitingMax: options.readsQueuedMax
        )
        writes = WriteQueue(
            connection: connections.writer,
            context: context,
            feed: feed,
            waitingMax: options.writesQueuedMax
        )
    }

    /// Opens the database `directory/name.sqlite`, making what is missing, and brings its schema
    /// forward.
    ///
    /// Blocks, within about two seconds: call it before serving.
    ///
    /// - Throws: the `StorageError` whose description says what to do: the directory cannot be used,
    ///   another process has the database, it is damaged, read-only, newer, the disk is full, or a
    ///   migration is changed or fails.
    public static func open(
        directory: String,
        name: String,
        migrations: [Migration],
        options: DatabaseOptions = DatabaseOptions()
    ) throws(StorageError) -> Database {
        try DatabaseOpening(directory: directory, name: name, options: options)
            .open(migrations: migrations)
    }

    /// Opens an empty database in memory, for tests of logic: same SQL, one connection, nothing kept.
    ///
    /// - Throws: `StorageError.migrationFailed`.
    public static func inMemory(
        migrations: [Migration],
        options: DatabaseOptions = DatabaseOptions()
    ) throws(StorageError) -> Database {
        try DatabaseOpening.openInMemory(migrations: migrations, options: options)
    }

    /// Runs `body` on a view of the database at one moment.
    ///
    /// Cancelling the task ends the wait or interrupts the statement under way.
    ///
    /// - Throws: what `body` throws; `StorageError.busy` if too many reads wait;
    ///   `StorageError.closed`; `CancellationError`.
    public func read<T: Sendable>(
        _ body: @escaping @Sendable (Reader) throws -> T
    ) async throws -> T {
        try await Job(body).answer { reads.enqueue($0) }
    }

    /// Runs `body` and stores what it wrote: when this returns, it is on the disk.
    ///
    /// Writes that wait share a commit. `body` runs after the writes that came before and sees what
    /// they wrote. If it throws, nothing of it is stored and others are not touched. Cancelling the
    /// task takes back a write that has not begun; one that has is carried through.
    ///
    /// What is stored is stored once, but `body` may be run twice, if another write of its commit
    /// threw after it had written: so let it do nothing but through the transaction and by what it
    /// answers.
    ///
    /// - Throws: what `body` throws; `StorageError.busy` if too many writes wait;
    ///   `StorageError.diskFull` and other `StorageError`s if the commit fails; `CancellationError`.
    public func write<T: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T {
        try await Job(body).answer { writes.enqueue($0) }
    }

    /// What became of the writes so far, for metrics.
    public var writeStatistics: WriteStatistics { writes.statistics }
}

extension Database {
    /// The last committed entry of the change feed; 0 if it is empty.
    public var feedHead: UInt64 { feed.head }

    /// Reads the change feed from after a position, in order.
    ///
    /// The work is bounded: a page may end before the feed does, with `lookedThrough` to go on from.
    ///
    /// - Parameters:
    ///   - after: the position reached so far; 0 for the beginning.
    ///   - limit: the most entries wanted, at least 1.
    ///   - kinds: the kinds wanted; empty for all.
    ///   - youngPersonID: only what concerns this young person.
    ///   - counsellorID: only what concerns this counsellor.
    ///   - until: the last place to look at; the end of the feed if `nil`.
    /// - Returns: the matching entries, and how far the reader has got.
    /// - Throws: `StorageError.beyondFeed` if `after` lies beyond the end; what `read` throws.
    public func changes(
        after: UInt64,
        limit: Int,
        kinds: [String] = [],
        youngPersonID: String? = nil,
        counsellorID: String? = nil,
        until: UInt64? = nil
    ) async throws -> ChangePage {
        let request = ChangeFeed.Request(
            after: after,
            limit: max(1, limit),
            filter: ChangeFilter(
                kinds: Set(kinds),
                youngPersonID: youngPersonID,
                counsellorID: counsellorID
            ),
            until: until
        )
        return try await read { try ChangeFeed.read(request, in: $0) }
    }

    /// Waits until a matching entry is added after a position; answers at once if the feed is longer
    /// than that already, matching or not.
    ///
    /// Give the position that `changes` has looked through. Nothing is polled, and a commit wakes
    /// only those whom it concerns.
    ///
    /// - Returns: the end of the feed.
    /// - Throws: `StorageError.busy` if too many wait; `StorageError.closed`; `CancellationError`.
    @discardableResult
    public func waitForChange(
        after: UInt64,
        kinds: [String] = [],
        youngPersonID: String? = nil,
        counsellorID: String? = nil
    ) async throws -> UInt64 {
        let filter = ChangeFilter(
            kinds: Set(kinds),
            youngPersonID: youngPersonID,
            counsellorID: counsellorID
        )
        return try await feed.wait(after: after, filter)
    }
}
