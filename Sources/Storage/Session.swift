import Foundation
import GRDB
import Synchronization

/// One closure's use of a connection: statements in, rows and `StorageError`s out.
///
/// Lives on the connection's queue, for the time of the closure.
final class Session {
    /// What is the same for all sessions of a database.
    struct Context: Sendable {
        let path: String
        let texts: StatementTexts

        /// What an error of the engine means to a closure's caller.
        func failure(_ error: DatabaseError) -> any Error {
            // Only cancellation interrupts.
            if error.resultCode == .SQLITE_INTERRUPT { return CancellationError() }
            return StorageError(error, path: path)
        }
    }

    private let connection: GRDB.Database
    private let context: Context
    private let isWrite: Bool
    /// Texts whose compiled statement is being stepped through: used again inside, it would start over.
    private var scanning: Set<String> = []
    /// Why the whole transaction was rolled back by the engine, once it was.
    private(set) var rollback: (any Error)?
    /// The entries added to the feed.
    private(set) var marks: [FeedMark] = []
    /// The number of the last entry added to the feed.
    private(set) var lastSequence: UInt64?

    init(_ connection: GRDB.Database, _ context: Context, isWrite: Bool) {
        self.connection = connection
        self.context = context
        self.isWrite = isWrite
    }

    func scan(_ sql: String, _ arguments: [SQLValue], _ body: (Row) throws -> Bool) throws {
        var columns: [String]?
        try scanColumns(sql, arguments) { row in
            let names = columns ?? Array(row.columnNames)
            columns = names
            let values = (0..<row.count).map { SQLValue(row[$0] as DatabaseValue) }
            return try body(Row(columns: names, values: values))
        }
    }

    /// Like `scan`, leaving it to `body` which columns are copied out of the page.
    func scanColumns(
        _ sql: String,
        _ arguments: [SQLValue],
        _ body: (GRDB.Row) throws -> Bool
    ) throws {
        let isOutermost = scanning.insert(sql).inserted
        defer { if isOutermost { scanning.remove(sql) } }
        let cursor = try checked {
            let statement = try statement(sql, isFree: isOutermost)
            return try GRDB.Row.fetchCursor(statement, arguments: Self.bound(arguments))
        }
        while let row = try checked({ try cursor.next() }) {
            guard try body(row) else { return }
        }
    }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        try checked {
            let statement = try statement(sql, isFree: !scanning.contains(sql))
            try statement.execute(arguments: Self.bound(arguments))
            return connection.changesCount
        }
    }

    /// Inserts one row and answers the address that SQLite gave it.
    func insert(_ sql: String, _ arguments: [SQLValue]) throws -> UInt64 {
        _ = try execute(sql, arguments)
        return UInt64(clamping: connection.lastInsertedRowID)
    }

    /// Remembers an entry of the feed, for those who wait for it.
    func note(_ mark: FeedMark, sequence: UInt64) {
        lastSequence = sequence
        if marks.count <= Limits.feedMarksMax { marks.append(mark) }
    }

    private static func bound(_ arguments: [SQLValue]) -> StatementArguments {
        StatementArguments(arguments.map(\.databaseValue))
    }

    private func statement(_ sql: String, isFree: Bool) throws -> Statement {
        let isKept = try context.texts.admit(sql) && isFree
        let statement =
            try isKept ? connection.cachedStatement(sql: sql) : connection.makeStatement(sql: sql)
        guard isWrite || statement.isReadonly else {
            throw StorageError.statement(code: 8, detail: "a read cannot write")
        }
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
            if isWrite, !connection.isInsideTransaction { rollback = failure }
            throw failure
        }
    }
}

/// The SQL texts of a database: which are kept compiled, and which are refused.
final class StatementTexts: Sendable {
    private let kept = Mutex<Set<String>>([])
    /// Statements that would break the frame of transactions or the settings of a connection.
    private static let refused: Set<Substring> = [
        "BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE", "ATTACH", "DETACH", "PRAGMA",
        "VACUUM",
    ]

    /// Whether the compiled form is to be kept.
    ///
    /// - Throws: `StorageError.statement` if closures may not run it.
    func admit(_ sql: String) throws -> Bool {
        if kept.withLock({ $0.contains(sql) }) { return true }
        let start = sql.drop(while: \.isWhitespace).prefix(16).uppercased()
        let word = start.prefix(while: \.isLetter)
        guard !Self.refused.contains(word) else {
            throw StorageError.statement(code: 21, detail: "\(word) is not for closures")
        }
        return kept.withLock { texts in
            guard texts.count < Limits.statementsCachedMax else { return false }
            texts.insert(sql)
            return true
        }
    }
}

extension SQLValue {
    /// The value of one column.
    init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let number): self = .integer(number)
        case .double(let number): self = .real(number)
        case .string(let text): self = .text(text)
        case .blob(let data): self = .blob([UInt8](data))
        }
    }

    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .real(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        }
    }
}
