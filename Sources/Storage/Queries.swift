/// Reading, alike inside a read and inside a write.
///
/// SQL is written as SQL, with `?` for arguments, in the subset that SQLite 3.40 and PostgreSQL 15
/// share. Its text is to be constant: it is compiled once per connection and kept.
public protocol Queries {
    /// Runs `body` on each row in turn, until it answers `false`.
    ///
    /// Memory does not grow with the number of rows.
    ///
    /// - Throws: `StorageError`, and whatever `body` throws.
    func scan(_ sql: String, _ arguments: [SQLValue], _ body: (Row) throws -> Bool) throws
}

extension Queries {
    /// All rows of the answer.
    public func rows(_ sql: String, _ arguments: [SQLValue] = []) throws -> [Row] {
        var rows: [Row] = []
        try scan(sql, arguments) { row in
            rows.append(row)
            return true
        }
        return rows
    }

    /// The first row of the answer, if any.
    public func row(_ sql: String, _ arguments: [SQLValue] = []) throws -> Row? {
        var first: Row?
        try scan(sql, arguments) { row in
            first = row
            return false
        }
        return first
    }

    /// Whether the answer has a row.
    public func exists(_ sql: String, _ arguments: [SQLValue] = []) throws -> Bool {
        try row(sql, arguments) != nil
    }

    /// Runs `body` on each row in turn; memory does not grow with their number.
    public func forEachRow(
        _ sql: String,
        _ arguments: [SQLValue] = [],
        _ body: (Row) throws -> Void
    ) throws {
        try scan(sql, arguments) { row in
            try body(row)
            return true
        }
    }

    /// How far the feed of `source` has been applied here; 0 before the first.
    public func feedPosition(of source: String) throws -> UInt64 {
        try row("SELECT sequence FROM feed_position WHERE source = ?", [.text(source)])?
            .uint("sequence") ?? 0
    }

    /// The last entry of this database's own feed, as of this transaction; 0 if it is empty.
    ///
    /// Read together with other rows, it tells which entries those rows already contain.
    public func feedHead() throws -> UInt64 {
        try row("SELECT COALESCE(MAX(sequence), 0) AS head FROM change")?.uint("head") ?? 0
    }
}

/// A view of the database at one moment.
public struct Reader: Queries {
    let session: Session

    /// Runs `body` on each row in turn, until it answers `false`.
    public func scan(
        _ sql: String,
        _ arguments: [SQLValue],
        _ body: (Row) throws -> Bool
    ) throws {
        try session.scan(sql, arguments, body)
    }
}

/// A write under way: all of it is stored, or, if its closure throws, nothing.
public struct Transaction: Queries {
    let session: Session

    /// Runs `body` on each row in turn, until it answers `false`; the statement may write
    /// (`INSERT … RETURNING`).
    public func scan(
        _ sql: String,
        _ arguments: [SQLValue],
        _ body: (Row) throws -> Bool
    ) throws {
        try session.scan(sql, arguments, body)
    }

    /// Runs one statement and answers how many rows it inserted, changed or deleted.
    ///
    /// - Throws: `StorageError.constraint` if the schema refuses; other `StorageError`s.
    @discardableResult
    public func execute(_ sql: String, _ arguments: [SQLValue] = []) throws -> Int {
        try session.execute(sql, arguments)
    }

    /// Adds an entry to the change feed, in this transaction.
    ///
    /// - Parameters:
    ///   - kind: what happened, the full name of the message in `body`.
    ///   - youngPersonID: the young person it concerns; empty if none.
    ///   - counsellorID: the counsellor it concerns; empty if none.
    ///   - body: the serialised message.
    ///   - at: when it happened.
    /// - Returns: its place in the feed, final once the write has succeeded.
    /// - Throws: `StorageError`.
    @discardableResult
    public func append(
        kind: String,
        youngPersonID: String,
        counsellorID: String,
        body: [UInt8],
        at: Timestamp
    ) throws -> UInt64 {
        try session.append(
            kind: kind,
            youngPersonID: youngPersonID,
            counsellorID: counsellorID,
            body: body,
            at: at
        )
    }

    /// Stores how far the feed of `source` has been applied, in the transaction that applies it.
    ///
    /// - Throws: `StorageError.positionNotAhead` if this or a higher position is stored already, so
    ///   that an entry given twice rolls back instead of being applied twice.
    public func setFeedPosition(of source: String, to sequence: UInt64) throws {
        let stored = try feedPosition(of: source)
        guard sequence > stored else {
            throw StorageError.positionNotAhead(source: source, stored: stored, wanted: sequence)
        }
        try execute(
            """
            INSERT INTO feed_position (source, sequence) VALUES (?, ?)
            ON CONFLICT (source) DO UPDATE SET sequence = excluded.sequence
            """,
            [.text(source), SQLValue(sequence)]
        )
    }
}
