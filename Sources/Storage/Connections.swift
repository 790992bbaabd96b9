import GRDB

/// The connections to one database: one that writes, and those that read beside it.
struct Connections: Sendable {
    let writer: Connection
    /// In memory there is but the writer, which then reads as well.
    let readers: [Connection]
}

/// One connection, with its queue and the statements compiled on it.
///
/// Safety: `engine` is touched on the connection's queue only.
final class Connection: @unchecked Sendable {
    private let queue: DatabaseQueue
    private var engine: Engine?

    init(_ queue: DatabaseQueue) {
        self.queue = queue
    }

    /// Runs `body` on the connection's queue, when its turn comes.
    func perform(_ body: @escaping @Sendable (Engine) -> Void) {
        queue.asyncWriteWithoutTransaction { handle in
            if let engine = self.engine {
                body(engine)
            } else if let handle = handle.sqliteConnection {
                // Without a handle it is closed: who waited has been told.
                let engine = Engine(handle)
                self.engine = engine
                body(engine)
            }
        }
    }

    /// Ends the statement under way.
    func interrupt() {
        queue.interrupt()
    }

    /// Runs `last` when what is under way has ended, and closes the connection.
    ///
    /// - Throws: what `last` throws; `DatabaseError`.
    func close(_ last: (GRDB.Database) throws -> Void = { _ in }) throws {
        try queue.writeWithoutTransaction { handle in
            // A connection cannot be closed while statements are compiled on it.
            engine = nil
            try last(handle)
        }
        try queue.close()
    }
}
