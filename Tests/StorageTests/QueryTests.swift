import Testing

@testable import Storage

@Suite struct QueryTests {
    private let kinds = Migration(
        "kinds",
        """
        CREATE TABLE kinds (
            id BIGINT PRIMARY KEY, text TEXT, real DOUBLE PRECISION, blob BLOB, parent BIGINT
                REFERENCES kinds (id)
        )
        """
    )

    @Test func valuesComeBackAsTheyWent() async throws {
        let database = try Database.inMemory(migrations: [kinds])
        let bytes: [UInt8] = [0, 1, 255]
        let instant = Timestamp(milliseconds: -5)
        let row = try await database.write { transaction in
            try transaction.execute(
                "INSERT INTO kinds (id, text, real, blob) VALUES (?, ?, ?, ?)",
                [SQLValue(instant), "é 🙂", 1.5, .blob(bytes)]
            )
            return try transaction.row("SELECT id, text, real, blob, parent, 1 AS yes FROM kinds")
        }
        let found = try #require(row)
        #expect(try found.int("id") == -5)
        #expect(try found.timestamp("id") == instant)
        #expect(try found.text("text") == "é 🙂")
        #expect(try found.real("real") == 1.5)
        #expect(try found.real("id") == -5)
        #expect(try found.blob("blob") == bytes)
        #expect(try found.bool("yes"))
        #expect(try found.optionalInt("parent") == nil)
        #expect(try found.optionalUint("parent") == nil)
        #expect(try found.optionalText("text") == "é 🙂")
        #expect(try found.optionalTimestamp("parent") == nil)
        #expect(try found.value("parent") == .null)
    }

    @Test func emptyTextsAndBytesAreNotNull() async throws {
        let database = try Database.inMemory(migrations: [kinds])
        let row = try await database.write { transaction in
            try transaction.execute(
                "INSERT INTO kinds (id, text, blob) VALUES (1, ?, ?)",
                ["", .blob([])]
            )
            return try transaction.row("SELECT text, blob FROM kinds")
        }
        #expect(row?.values == ["", .blob([])])
    }

    @Test func anArgumentMayBeGivenAgainWithinAScan() async throws {
        let database = try Database.inMemory(migrations: [notes])
        let seen = try await database.write { transaction in
            for id in 1...3 { try transaction.addNote(id, "note \(id)") }
            let sql = "SELECT text FROM note WHERE id >= ? ORDER BY id"
            var seen: [String] = []
            try transaction.forEachRow(sql, [2]) { row in
                let inner = try transaction.row(sql, [1])
                seen.append(try row.text("text") + ", " + (inner?.text("text") ?? ""))
            }
            return seen
        }
        #expect(seen == ["note 2, note 1", "note 3, note 1"])
    }

    @Test func absentAndOtherKindsOfColumnsAreErrors() async throws {
        let database = try Database.inMemory(migrations: [])
        let row = try await database.read { reader in
            try reader.row("SELECT 'x' AS text, -1 AS negative, NULL AS absent")
        }
        let found = try #require(row)
        #expect(throws: StorageError.columnMissing("other")) { try found.int("other") }
        #expect(throws: StorageError.columnMismatch("text", found: "text")) {
            try found.int("text")
        }
        #expect(throws: StorageError.columnMismatch("absent", found: "NULL")) {
            try found.text("absent")
        }
        #expect(throws: StorageError.columnMismatch("negative", found: "a negative number")) {
            try found.uint("negative")
        }
    }

    @Test func numbersBeyondTheColumnStayComparable() {
        #expect(SQLValue(UInt64.max) == .integer(.max))
        #expect(SQLValue(UInt64(7)) == 7)
        #expect(SQLValue(String?.none) == .null)
        #expect(SQLValue(true) == 1)
    }

    @Test func theSameStatementMayRunInsideItself() async throws {
        let database = try Database.inMemory(migrations: [notes])
        let pairs = try await database.write { transaction in
            for id in 1...3 { try transaction.addNote(id) }
            let sql = "SELECT id FROM note ORDER BY id"
            var pairs = 0
            try transaction.forEachRow(sql) { _ in
                try transaction.forEachRow(sql) { _ in pairs += 1 }
            }
            return pairs
        }
        #expect(pairs == 9)
    }

    @Test func aScanStopsWhenTold() async throws {
        let database = try Database.inMemory(migrations: [notes])
        let seen = try await database.write { transaction in
            for id in 1...10 { try transaction.addNote(id) }
            var seen: [Int64] = []
            try transaction.scan("SELECT id FROM note ORDER BY id", []) { row in
                seen.append(try row.int("id"))
                return seen.count < 3
            }
            return seen
        }
        #expect(seen == [1, 2, 3])
    }

    @Test func writesAnswerHowManyRowsAndCanReturnThem() async throws {
        let database = try Database.inMemory(migrations: [notes])
        try await database.write { transaction in
            for id in 1...4 { try transaction.addNote(id) }
            let changed = try transaction.execute(
                "UPDATE note SET text = ? WHERE id > ?",
                ["b", 1]
            )
            #expect(changed == 3)
            #expect(try transaction.execute("DELETE FROM note WHERE id = ?", [99]) == 0)
            let returned = try transaction.row(
                "INSERT INTO note (id, text) VALUES (?, ?) RETURNING id",
                [9, "c"]
            )
            #expect(try returned?.int("id") == 9)
            #expect(try transaction.exists("SELECT 1 FROM note WHERE id = ?", [9]))
            #expect(try !transaction.exists("SELECT 1 FROM note WHERE id = ?", [8]))
        }
    }

    @Test func constraintsAreToldApart() async throws {
        let database = try Database.inMemory(migrations: [notes, kinds])
        let cases: [(StorageError.Constraint, String, [SQLValue])] = [
            (.unique, "INSERT INTO note (id, text) VALUES (?, ?)", [1, "again"]),
            (.check, "INSERT INTO note (id, text) VALUES (?, ?)", [2, ""]),
            (.notNull, "INSERT INTO note (id, text) VALUES (?, ?)", [3, nil]),
            (.foreignKey, "INSERT INTO kinds (id, parent) VALUES (?, ?)", [1, 99]),
        ]
        try await database.write { try $0.addNote(1) }
        for (kind, sql, arguments) in cases {
            let error = await #expect(throws: StorageError.self) {
                try await database.write { try $0.execute(sql, arguments) }
            }
            guard case .constraint(kind, _) = error else {
                Issue.record("\(kind): \(String(describing: error))")
                continue
            }
        }
    }

    @Test(arguments: ["COMMIT", " rollback;", "PRAGMA synchronous = OFF", "ATTACH 'x' AS y"])
    func statementsThatBreakTheFrameAreRefused(sql: String) async throws {
        let database = try Database.inMemory(migrations: [])
        await #expect(throws: StorageError.self) {
            try await database.write { try $0.execute(sql) }
        }
        #expect(await database.isHealthy())
    }

    @Test func wrongArgumentsAndWrongSQLAreErrors() async throws {
        let database = try Database.inMemory(migrations: [notes])
        for (sql, arguments) in [
            ("SELECT * FROM note WHERE id = ?", []), ("SELECT ?", [1, 2]), ("SELEC 1", []),
            ("", []),
            ("SELECT 1; SELECT 2", []),
        ] as [(String, [SQLValue])] {
            await #expect(throws: StorageError.self) {
                try await database.read { try $0.rows(sql, arguments) }
            }
        }
    }

    @Test func moreTextsThanAreKeptStillRun() async throws {
        let database = try Database.inMemory(migrations: [])
        let sum = try await database.read { reader in
            try (0..<(Limits.statementsCachedMax + 50)).reduce(into: Int64(0)) { sum, number in
                sum += try reader.row("SELECT \(number) AS n")?.int("n") ?? 0
            }
        }
        #expect(sum == Int64((0..<(Limits.statementsCachedMax + 50)).reduce(0, +)))
    }
}
