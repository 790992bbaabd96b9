import Testing

@testable import Storage

@Suite struct MigrationTests {
    private let first = Migration(
        "first",
        """
        CREATE TABLE one (id BIGINT PRIMARY KEY);
        -- A second statement; and a semicolon in a comment.
        INSERT INTO one (id) VALUES (1), (2);
        """
    )
    private let second = Migration("second", "INSERT INTO one (id) VALUES (3)")

    private func count(_ directory: String, _ migrations: [Migration]) async throws -> Int64? {
        let database = try Database.open(directory: directory, name: "test", migrations: migrations)
        let count = try await database.read {
            try $0.row("SELECT COUNT(*) AS n FROM one")?.int("n")
        }
        try await database.close()
        return count
    }

    private func expectRows(
        _ expected: Int64,
        _ directory: String,
        _ migrations: [Migration]
    ) async throws {
        let found = try await count(directory, migrations)
        #expect(found == expected)
    }

    @Test func eachRunsOnceAndNewOnesFollow() async throws {
        try await withDirectory { directory in
            try await expectRows(2, directory, [first])
            try await expectRows(2, directory, [first])
            try await expectRows(3, directory, [first, second])
            try await expectRows(3, directory, [first, second])
        }
    }

    @Test func aChangedTextIsRefused() async throws {
        try await withDirectory { directory in
            try await expectRows(2, directory, [first])
            let changed = Migration("first", first.sql + " ")
            let error = await #expect(throws: StorageError.self) {
                try await count(directory, [changed])
            }
            #expect(
                error == .migrationChanged(path: directory + "/test.sqlite", migration: "first")
            )
        }
    }

    @Test func aNewerDatabaseIsRefused() async throws {
        try await withDirectory { directory in
            try await expectRows(3, directory, [first, second])
            let error = await #expect(throws: StorageError.self) {
                try await count(directory, [first])
            }
            #expect(error == .newer(path: directory + "/test.sqlite", migration: "second"))
        }
    }

    @Test func aFailingOneLeavesNothing() async throws {
        try await withDirectory { directory in
            let failing = Migration(
                "failing",
                "INSERT INTO one (id) VALUES (7); INSERT INTO one (id) VALUES (1);"
            )
            let error = await #expect(throws: StorageError.self) {
                try await count(directory, [first, failing])
            }
            guard case .migrationFailed("failing", _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            // The first was stored before; the lock is free again.
            try await expectRows(2, directory, [first])
        }
    }

    @Test func wrongSQLInMemoryIsNamed() {
        let error = #expect(throws: StorageError.self) {
            try Database.inMemory(migrations: [Migration("wrong", "CREATE TABBLE x (y)")])
        }
        guard case .migrationFailed("wrong", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
