import GRDBSQLite

/// SQLite as one connection has it: its handle, and the statements compiled on it.
///
/// GRDB opens and closes connections and gives each its queue; statements are run by SQLite's own
/// functions, since a statement of one row costs less than GRDB's way of binding and fetching it.
/// Lives on the connection's queue.
final class Engine {
    /// The statements that hold transactions together.
    enum Frame: String {
        case beginRead = "BEGIN DEFERRED"
        case beginWrite = "BEGIN IMMEDIATE"
        case commit = "COMMIT"
        case rollback = "ROLLBACK"
        case beginOne = "SAVEPOINT one_write"
        case keepOne = "RELEASE one_write"
        case undoOne = "ROLLBACK TO one_write"
    }

    private let handle: OpaquePointer
    private var frames: [Frame: CompiledStatement] = [:]
    private var statements: [String: CompiledStatement] = [:]

    init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    /// Whether a transaction is open.
    var isInsideTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// How many rows the last statement inserted, changed or deleted.
    var changesCount: Int { Int(sqlite3_changes(handle)) }

    /// The address of the last row inserted.
    var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

    /// Runs a statement of the frame.
    ///
    /// - Throws: `DatabaseError`.
    func run(_ frame: Frame) throws {
        let kept = frames[frame]
        let statement = try kept ?? CompiledStatement(frame.rawValue, on: handle)
        if kept == nil { frames[frame] = statement }
        try statement.begin([])
        defer { statement.end() }
        while try statement.step() {}
    }

    /// Undoes the open transaction, if there is one.
    ///
    /// - Throws: `DatabaseError`.
    func rollback() throws {
        if isInsideTransaction { try run(.rollback) }
    }

    /// The compiled form of a closure's statement, kept for the next time.
    ///
    /// - Throws: `StorageError.statement` if closures may not run it; `DatabaseError`.
    func statement(_ sql: String) throws -> CompiledStatement {
        // One that is being stepped through would start over.
        if let kept = statements[sql] {
            return kept.isInUse ? try CompiledStatement(sql, on: handle) : kept
        }
        try Self.admit(sql)
        let statement = try CompiledStatement(sql, on: handle)
        if statements.count < Limits.statementsCachedMax { statements[sql] = statement }
        return statement
    }

    /// Statements that would break the frame of transactions or the settings of a connection.
    private static let refused: Set<Substring> = [
        "BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE", "ATTACH", "DETACH", "PRAGMA",
        "VACUUM",
    ]

    private static func admit(_ sql: String) throws(StorageError) {
        let start = sql.drop(while: \.isWhitespace).prefix(16).uppercased()
        let word = start.prefix(while: \.isLetter)
        guard !refused.contains(word) else {
            throw .statement(code: SQLITE_MISUSE, detail: "\(word) is not for closures")
        }
    }
}
