import Dispatch
import GRDB
import Synchronization

/// The steps from a directory's name to a database that may be served from.
struct DatabaseOpening {
    let directory: String
    let name: String
    let options: DatabaseOptions

    private var path: String { DatabaseFiles(directory: directory, name: name).path }

    func open(migrations: [Migration]) throws(StorageError) -> Database {
        let files = DatabaseFiles(directory: directory, name: name)
        try files.makeDirectory()
        let lock = try ProcessLock(path: files.lockPath, database: path)
        try files.prepare(wasInUse: lock.wasInUse)
        return try Self.translatingErrors(path) {
            let writer = try DatabaseQueue(
                path: path,
                configuration: configuration(isReader: false)
            )
            try files.sync()
            let head = try writer.writeWithoutTransaction { handle in
                try finishSettings(of: handle)
                try checkDamage(writer, handle)
                try Migrator(migrations, path: path).run(on: handle)
                return try Self.feedHead(handle)
            }
            let readers = try (0..<max(1, options.readersMax)).map { _ in
                try Connection(
                    DatabaseQueue(path: path, configuration: configuration(isReader: true))
                )
            }
            let connections = Connections(writer: Connection(writer), readers: readers)
            let database = Database(
                connections: connections,
                path: path,
                lock: lock,
                options: options
            )
            database.feed.start(at: head)
            lock.markInUse()
            return database
        }
    }

    static func openInMemory(
        migrations: [Migration],
        options: DatabaseOptions
    ) throws(StorageError) -> Database {
        let path = ":memory:"
        return try translatingErrors(path) {
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            let queue = try DatabaseQueue(configuration: configuration)
            let head = try queue.writeWithoutTransaction { handle in
                try Migrator(migrations, path: path).run(on: handle)
                return try feedHead(handle)
            }
            let connection = Connection(queue)
            let connections = Connections(writer: connection, readers: [connection])
            let database = Database(
                connections: connections,
                path: path,
                lock: nil,
                options: options
            )
            database.feed.start(at: head)
            return database
        }
    }

    private static func translatingErrors<T>(
        _ path: String,
        _ step: () throws -> T
    ) throws(StorageError) -> T {
        do {
            return try step()
        } catch let error as StorageError {
            throw error
        } catch let error as DatabaseError {
            throw StorageError(error, path: path)
        } catch {
            throw .inputOutput(path: path, detail: "\(error)")
        }
    }

    private static func feedHead(_ handle: GRDB.Database) throws -> UInt64 {
        let head = try Int64.fetchOne(handle, sql: "SELECT MAX(sequence) FROM change")
        return UInt64(clamping: head ?? 0)
    }
}

extension DatabaseOpening {
    private func configuration(isReader: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.label = name
        configuration.readonly = isReader
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(Double(Limits.busyTimeoutMs) / 1000)
        // A rollback that fails must not end the process; `WriteQueue` deals with it.
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { handle in
            try handle.execute(
                sql: """
                    PRAGMA cache_size = -\(Limits.cacheKiB);
                    PRAGMA mmap_size = \(Limits.mappedBytes);
                    PRAGMA temp_store = MEMORY;
                    """
            )
        }
        return configuration
    }

    /// Settings that GRDB would overwrite if they were made earlier, read back.
    private func finishSettings(of handle: GRDB.Database) throws {
        try handle.execute(
            sql: """
                PRAGMA synchronous = FULL;
                PRAGMA wal_autocheckpoint = \(Limits.checkpointPages);
                PRAGMA journal_size_limit = \(Limits.logBytesKept);
                """
        )
        if let pagesMax = options.pagesMax {
            try handle.execute(sql: "PRAGMA max_page_count = \(pagesMax)")
        }
        let wanted = ["synchronous": "2", "journal_mode": "wal", "foreign_keys": "1"]
        for (setting, value) in wanted.sorted(by: { $0.key < $1.key }) {
            let found = try String.fetchOne(handle, sql: "PRAGMA \(setting)")
            guard found == value else {
                throw StorageError.settingRefused(
                    "\(setting) = \(value), answering \(found ?? "nothing")"
                )
            }
        }
    }

    /// Looks for damaged pages, for as long as a start may take.
    ///
    /// The check reads the whole file, table by table. It is made at each start, not only after a
    /// crash: files are damaged by disks and people, not by crashes. What it does not reach in time is
    /// found when it is read.
    private func checkDamage(_ writer: DatabaseQueue, _ handle: GRDB.Database) throws {
        let isOver = Mutex(false)
        let timer = DispatchWorkItem {
            isOver.withLock { if !$0 { writer.interrupt() } }
        }
        let deadline = DispatchTime.now() + .milliseconds(Limits.damageCheckMs)
        DispatchQueue.global().asyncAfter(deadline: deadline, execute: timer)
        defer {
            isOver.withLock { $0 = true }
            timer.cancel()
        }
        do {
            let finding = try String.fetchOne(handle, sql: "PRAGMA quick_check(1)") ?? "no answer"
            guard finding == "ok" else {
                let detail = finding.split(separator: "\n").last.map(String.init)
                throw StorageError.damaged(path: path, detail: detail ?? finding)
            }
        } catch DatabaseError.SQLITE_INTERRUPT {
            return
        }
    }
}
