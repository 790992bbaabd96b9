import Dispatch
import Testing

@testable import Storage

@Suite struct ReadTests {
    /// Some ten seconds of counting, if nobody interrupts.
    private static let long = """
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000000)
        SELECT MAX(i) FROM n
        """

    @Test func aReadCannotWrite() async throws {
        let inMemory = try Database.inMemory(migrations: [notes])
        let insertion = "INSERT INTO note (id, text) VALUES (1, 'x')"
        await #expect(throws: StorageError.self) {
            try await inMemory.read { try $0.rows(insertion) }
        }
        try await withDatabase { database in
            await #expect(throws: StorageError.self) {
                try await database.read { try $0.rows(insertion) }
            }
            let stored = try await database.noteIDs()
            #expect(stored == [])
        }
    }

    @Test func aReadSeesOneMoment() async throws {
        try await withDatabase { database in
            let written = DispatchSemaphore(value: 0)
            let looked = DispatchSemaphore(value: 0)
            async let counts = database.read { reader in
                let before = try reader.rows("SELECT id FROM note").count
                looked.signal()
                written.wait()
                return [before, try reader.rows("SELECT id FROM note").count]
            }
            try await until { looked.wait(timeout: .now()) == .success }
            try await database.write { try $0.addNote(1) }
            written.signal()
            let seen = try await counts
            #expect(seen == [0, 0])
            let stored = try await database.noteIDs()
            #expect(stored == [1])
        }
    }

    @Test func cancellingInterruptsTheStatementUnderWay() async throws {
        try await withDatabase { database in
            let began = Shared(false)
            let task = Task {
                try await database.read { reader in
                    began.change { $0 = true }
                    return try reader.rows(Self.long)
                }
            }
            try await until { began.value }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let stored = try await database.noteIDs()
            #expect(stored == [])
        }
    }

    @Test func readsBeyondTheBoundAreRefusedAndWaitingOnesCanBeCancelled() async throws {
        var options = DatabaseOptions()
        options.readersMax = 1
        options.readsQueuedMax = 1
        try await withDatabase(options) { database in
            let began = Shared(false)
            let running = Task {
                try await database.read { reader in
                    began.change { $0 = true }
                    return try reader.rows(Self.long)
                }
            }
            try await until { began.value }
            let waiting = Task { try await database.noteIDs() }
            try await until { database.reads.waitingCount == 1 }
            await #expect(throws: StorageError.busy("reads")) { try await database.noteIDs() }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            running.cancel()
            await #expect(throws: CancellationError.self) { try await running.value }
            // Their callers hear of it a moment before the places are free again.
            try await until { database.reads.waitingCount == 0 }
            let stored = try await database.noteIDs()
            #expect(stored == [])
        }
    }
}
