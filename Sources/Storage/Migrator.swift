import GRDB

/// Brings a schema forward: runs the migrations that the database does not have yet.
struct Migrator {
    let migrations: [Migration]
    let path: String

    init(_ migrations: [Migration], path: String) {
        self.migrations = [ChangeFeed.migration, ChangeFeed.narrowerIndexes] + migrations
        self.path = path
        precondition(
            Set(self.migrations.map(\.name)).count == self.migrations.count,
            "Two migrations share a name."
        )
    }

    /// Compares what was run with what is known, then runs the rest, each in its own transaction.
    ///
    /// Not in one transaction: a long list on a large database would need the room twice.
    ///
    /// - Throws: `StorageError.newer`, `StorageError.migrationChanged`,
    ///   `StorageError.migrationFailed`, or what is wrong with the file.
    func run(on connection: GRDB.Database) throws {
        try connection.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS schema_migration (
                    name TEXT PRIMARY KEY,
                    sql TEXT NOT NULL
                )
                """
        )
        let applied = try self.applied(on: connection)
        let known = Set(migrations.map(\.name))
        if let stranger = applied.keys.filter({ !known.contains($0) }).min() {
            throw StorageError.newer(path: path, migration: stranger)
        }
        for migration in migrations {
            guard let sql = applied[migration.name] else {
                try apply(migration, on: connection)
                continue
            }
            guard sql == migration.sql else {
                throw StorageError.migrationChanged(path: path, migration: migration.name)
            }
        }
    }

    private func applied(on connection: GRDB.Database) throws -> [String: String] {
        var applied: [String: String] = [:]
        let cursor = try GRDB.Row.fetchCursor(
            connection,
            sql: "SELECT name, sql FROM schema_migration"
        )
        while let row = try cursor.next() {
            guard let name = String.fromDatabaseValue(row[0]),
                let sql = String.fromDatabaseValue(row[1])
            else {
                throw StorageError.damaged(
                    path: path,
                    detail: "the list of migrations is unreadable"
                )
            }
            applied[name] = sql
        }
        return applied
    }

    private func apply(_ migration: Migration, on connection: GRDB.Database) throws {
        do {
            try connection.inTransaction(.immediate) {
                try connection.execute(sql: migration.sql)
                try connection.execute(
                    sql: "INSERT INTO schema_migration (name, sql) VALUES (?, ?)",
                    arguments: [migration.name, migration.sql]
                )
                return .commit
            }
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_ERROR, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_MISUSE, .SQLITE_ABORT:
                let detail = error.message ?? "no detail"
                throw StorageError.migrationFailed(migration: migration.name, detail: detail)
            default:
                throw StorageError(error, path: path)
            }
        }
    }
}
