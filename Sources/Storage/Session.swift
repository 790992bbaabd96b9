import GRDB

/// One closure's use of a connection: statements in, rows and `StorageError`s out.
///
/// Lives on the connection's queue, for the time of the closure.
final class Session {
    /// What is the same for all sessions of a database.
    struct Context: Sendable {
        let path: String

        /// What an error of the engine means to a closure's caller.
        func failure(_ error: DatabaseError) -> any Error {
            // Only cancellation interrupts.
            if error.resultCode == .SQLITE_INTERRUPT { return CancellationError() }
            return StorageError(error, path: path)
        }
    }

    private let engine: Engine
    private let context: Context
    private let isWrite: Bool
    /// Why the whole transaction was rolled back by the engine, once it was.
    private(set) var rollback: (any Error)?
    /// Whether a statement was run that may have changed something.
    private(set) var hasWritten = false
    /// The entries added to the feed.
    private(set) var marks: [FeedMark] = []
    /// The number of the last entry added to the feed.
    private(set) var lastSequence: UInt64?

    init(_ engine: Engine, _ context: Context, isWrite: Bool) {
        self.engine = engine
        self.context = context
        self.isWrite = isWrite
    }

    func scan(_ sql: String, _ arguments: [SQLValue], _ body: (Row) throws -> Bool) throws {
        try scanColumns(sql, arguments) { statement in
            try body(try checked { try statement.row() })
        }
    }

    /// Like `scan`, leaving it to `body` which columns are copied out of the page.
    func scanColumns(
        _ sql: String,
        _ arguments: [SQLValue],
        _ body: (CompiledStatement) throws -> Bool
    ) throws {
        let statement = try checked { try begin(sql, arguments) }
        defer { statement.end() }
        while try checked({ try statement.step() }) {
            guard try body(statement) else { return }
        }
    }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        try checked {
            let statement = try begin(sql, arguments)
            defer { statement.end() }
            while try statement.step() {}
            return engine.changesCount
        }
    }

    /// Inserts one row and answers the address that SQLite gave it.
    func insert(_ sql: String, _ arguments: [SQLValue]) throws -> UInt64 {
        _ = try execute(sql, arguments)
        return UInt64(clamping: engine.lastInsertedRow)
    }

    /// Remembers an entry of the feed, for those who wait for it.
    func note(_ mark: FeedMark, sequence: UInt64) {
        lastSequence = sequence
        if marks.count <= Limits.feedMarksMax { marks.append(mark) }
    }

    private func begin(_ sql: String, _ arguments: [SQLValue]) throws -> CompiledStatement {
        let statement = try engine.statement(sql)
        guard isWrite || statement.isReadonly else {
            throw StorageError.statement(code: 8, detail: "a read cannot write")
        }
        try statement.begin(arguments)
        if !statement.isReadonly { hasWritten = true }
        return statement
    }

    /// Runs a step of the engine; its errors leave as `StorageError`.
    private func checked<T>(_ step: () throws -> T) throws -> T {
        if let rollback { throw rollback }
        do {
            return try step()
        } catch let error as DatabaseError {
            let failure = context.failure(error)
            // On a full disk and the like SQLite may undo the whole transaction by itself. Statements
            // after that would each be stored alone, so none may run.
            if isWrite, !engine.isInsideTransaction { rollback = failure }
            throw failure
        }
    }
}
