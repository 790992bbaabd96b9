import Dispatch
import GRDB
import Glibc

extension Database {
    /// Stores what waits, refuses what comes, empties the log into the database and lets it go.
    ///
    /// Reads under way are carried through; waiting reads and waiters for changes end with
    /// `StorageError.closed`. A cancelled task closes like any other: a service that is stopped ends
    /// here. A second call does nothing.
    ///
    /// - Throws: `StorageError` if the log could not be emptied: nothing is lost, the next start does it.
    public func close() async throws {
        reads.close()
        feed.close()
        do {
            try await Job<Transaction, Void> { _ in }.answerInAnyCase { writes.close(after: $0) }
        } catch StorageError.closed {
            return
        } catch {
            // The disk failed those who waited, and told them; what is open is to be closed all the same.
        }
        let failure = await withCheckedContinuation { caller in
            DispatchQueue.global().async { caller.resume(returning: self.closeConnections()) }
        }
        lock?.release()
        if let failure { throw failure }
    }

    /// What keeps the database from serving, if anything does; cheap enough for each health check.
    ///
    /// Looks for an answer from the file and for free space on its disk; writes nothing.
    public func healthProblem() async -> StorageError? {
        do {
            _ = try await read { try $0.exists("SELECT 1 FROM schema_migration LIMIT 1") }
        } catch {
            return error as? StorageError ?? .inputOutput(path: path, detail: "\(error)")
        }
        var disk = statvfs()
        guard lock != nil, statvfs(path, &disk) == 0 else { return nil }
        let freeBytes = UInt64(disk.f_bavail) * UInt64(disk.f_frsize)
        return freeBytes < Limits.freeBytesMin ? .diskFull(path: path) : nil
    }

    /// Whether the database can serve.
    public func isHealthy() async -> Bool {
        await healthProblem() == nil
    }

    private func closeConnections() -> StorageError? {
        do {
            // The writer last: only it can empty the log and take it away.
            for reader in connections.readers where reader !== connections.writer {
                try reader.close()
            }
            try connections.writer.close { handle in
                try handle.execute(sql: "PRAGMA optimize")
                _ = try handle.checkpoint(.truncate)
            }
            return nil
        } catch let error as DatabaseError {
            return StorageError(error, path: path)
        } catch {
            return .inputOutput(path: path, detail: "\(error)")
        }
    }
}
