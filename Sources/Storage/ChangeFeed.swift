/// The tables every database has for the change feed.
enum ChangeFeed {
    /// SQLite's own spelling: INTEGER PRIMARY KEY makes the place in the feed the row's address, and
    /// each index ends with it.
    static let migration = Migration(
        "storage-1-change-feed",
        """
        CREATE TABLE change (
            sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
            time_ms BIGINT NOT NULL,
            kind TEXT NOT NULL,
            young_person_id TEXT NOT NULL,
            counsellor_id TEXT NOT NULL,
            body BLOB NOT NULL
        );
        CREATE INDEX change_young_person ON change (young_person_id);
        CREATE INDEX change_counsellor ON change (counsellor_id);
        CREATE TABLE feed_position (
            source TEXT PRIMARY KEY,
            sequence BIGINT NOT NULL
        );
        """
    )

    /// Most entries concern nobody on one of the two sides, and nobody asks for those by it: leaving
    /// them out saves an index entry for each, and pages in each commit.
    static let narrowerIndexes = Migration(
        "storage-2-change-feed-indexes",
        """
        DROP INDEX change_young_person;
        DROP INDEX change_counsellor;
        CREATE INDEX change_young_person ON change (young_person_id) WHERE young_person_id <> '';
        CREATE INDEX change_counsellor ON change (counsellor_id) WHERE counsellor_id <> '';
        """
    )

    /// What to read of the feed.
    struct Request: Sendable {
        let after: UInt64
        let limit: Int
        let filter: ChangeFilter
        let until: UInt64?

        /// The narrowest index there is, named by its own condition; kinds are compared row by row.
        var sql: String {
            let columns = "sequence, time_ms, kind, young_person_id, counsellor_id, body"
            let range = "sequence > ? AND sequence <= ? ORDER BY sequence"
            if filter.youngPersonID != nil {
                return "SELECT \(columns) FROM change WHERE young_person_id = ? "
                    + "AND young_person_id <> '' AND \(range)"
            }
            if filter.counsellorID != nil {
                return "SELECT \(columns) FROM change WHERE counsellor_id = ? "
                    + "AND counsellor_id <> '' AND \(range)"
            }
            return "SELECT \(columns) FROM change WHERE \(range)"
        }
    }

    /// Reads a stretch of the feed, with bounded work.
    static func read(_ request: Request, in reader: Reader) throws -> ChangePage {
        let head = try reader.feedHead()
        guard request.after <= head else {
            throw StorageError.beyondFeed(position: request.after, head: head)
        }
        let end = max(request.after, min(head, request.until ?? head))
        let person = (request.filter.youngPersonID ?? request.filter.counsellorID)
        let arguments =
            (person.map { [.text($0)] } ?? []) + [SQLValue(request.after), SQLValue(end)]
        var changes: [StoredChange] = []
        var bytes = 0
        var looked = 0
        var last = request.after
        var isStopped = false
        try reader.session.scanColumns(request.sql, arguments) { row in
            let change = try entry(in: row, request.filter)
            if let change {
                let body = try blob(row, 5)
                bytes += body.count
                isStopped = !changes.isEmpty && bytes > Limits.feedPageBytesMax
                guard !isStopped else { return false }
                changes.append(StoredChange(change, body: body))
            }
            last = UInt64(clamping: try number(row, 0))
            looked += 1
            isStopped = changes.count >= request.limit || looked >= Limits.feedScanMax
            return !isStopped
        }
        return ChangePage(changes: changes, lookedThrough: isStopped ? last : end, head: head)
    }

    /// The entry without its body, or `nil` if the filter does not want it.
    private static func entry(
        in row: CompiledStatement,
        _ filter: ChangeFilter
    ) throws -> StoredChange? {
        let kind = try text(row, 2)
        let youngPersonID = try text(row, 3)
        let counsellorID = try text(row, 4)
        guard
            filter.matches(kind: kind, youngPersonID: youngPersonID, counsellorID: counsellorID)
        else { return nil }
        return StoredChange(
            sequence: UInt64(clamping: try number(row, 0)),
            at: Timestamp(milliseconds: try number(row, 1)),
            kind: kind,
            youngPersonID: youngPersonID,
            counsellorID: counsellorID,
            body: []
        )
    }

    private static let names = [
        "sequence", "time_ms", "kind", "young_person_id", "counsellor_id", "body",
    ]

    private static func number(_ row: CompiledStatement, _ index: Int32) throws -> Int64 {
        let value = try row.value(index)
        guard case .integer(let number) = value else {
            throw mismatch(value, index)
        }
        return number
    }

    private static func text(_ row: CompiledStatement, _ index: Int32) throws -> String {
        let value = try row.value(index)
        guard case .text(let text) = value else {
            throw mismatch(value, index)
        }
        return text
    }

    private static func blob(_ row: CompiledStatement, _ index: Int32) throws -> [UInt8] {
        let value = try row.value(index)
        guard case .blob(let bytes) = value else {
            throw mismatch(value, index)
        }
        return bytes
    }

    private static func mismatch(_ value: SQLValue, _ index: Int32) -> StorageError {
        .columnMismatch(names[Int(index)], found: value.kind)
    }
}

extension StoredChange {
    fileprivate init(_ head: StoredChange, body: [UInt8]) {
        self.init(
            sequence: head.sequence,
            at: head.at,
            kind: head.kind,
            youngPersonID: head.youngPersonID,
            counsellorID: head.counsellorID,
            body: body
        )
    }
}

extension Session {
    /// Adds an entry to the feed and answers its place.
    ///
    /// SQLite gives the row the address above the highest that this transaction sees, and the address
    /// is the place. Writes take turns, so a place given up by a rollback is the next one's, and none
    /// is missing. Source: https://www.sqlite.org/autoinc.html
    func append(
        kind: String,
        youngPersonID: String,
        counsellorID: String,
        body: [UInt8],
        at: Timestamp
    ) throws -> UInt64 {
        let sequence = try insert(
            """
            INSERT INTO change (time_ms, kind, young_person_id, counsellor_id, body)
            VALUES (?, ?, ?, ?, ?)
            """,
            [SQLValue(at), .text(kind), .text(youngPersonID), .text(counsellorID), .blob(body)]
        )
        let mark = FeedMark(kind: kind, youngPersonID: youngPersonID, counsellorID: counsellorID)
        note(mark, sequence: sequence)
        return sequence
    }
}
