import Foundation
import Synchronization

@testable import Storage

/// A directory of its own, gone with the test.
func withDirectory<T>(_ body: (String) async throws -> T) async throws -> T {
    let name = "storage-tests-" + UUID().uuidString
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    return try await body(directory)
}

/// A database on the disk with a table `note`, closed at the end.
func withDatabase<T>(
    _ options: DatabaseOptions = DatabaseOptions(),
    _ body: (Database) async throws -> T
) async throws -> T {
    try await withDirectory { directory in
        let database = try Database.open(
            directory: directory,
            name: "test",
            migrations: [notes],
            options: options
        )
        do {
            let result = try await body(database)
            try await database.close()
            return result
        } catch {
            try? await database.close()
            throw error
        }
    }
}

let notes = Migration(
    "notes",
    "CREATE TABLE note (id BIGINT PRIMARY KEY, text TEXT NOT NULL CHECK (text <> ''))"
)

struct Refusal: Error, Equatable {}

struct NeverHappened: Error {}

/// Lets other tasks run until `condition` holds; fails after a minute.
func until(_ condition: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while !condition() {
        guard ContinuousClock.now < end else { throw NeverHappened() }
        await Task.yield()
    }
}

extension Transaction {
    func addNote(_ id: Int, _ text: String = "text") throws {
        try execute("INSERT INTO note (id, text) VALUES (?, ?)", [SQLValue(id), .text(text)])
    }

    @discardableResult
    func appendSample(
        _ kind: String = "sample",
        person: String = "",
        counsellor: String = "",
        body: [UInt8] = [1, 2]
    ) throws -> UInt64 {
        try append(
            kind: kind,
            youngPersonID: person,
            counsellorID: counsellor,
            body: body,
            at: Timestamp(milliseconds: 1_000)
        )
    }
}

extension Database {
    func noteIDs() async throws -> [Int64] {
        try await read { try $0.rows("SELECT id FROM note ORDER BY id").map { try $0.int("id") } }
    }
}

/// Holds the database's writer inside a write until let go, so that others gather behind it.
final class Blocker: Sendable {
    private let gate = DispatchSemaphore(value: 0)
    private let inside = DispatchSemaphore(value: 0)

    /// Runs `body` while a write is under way, which ends when `gathered` others wait and `isReady`.
    static func hold(
        _ database: Database,
        until gathered: Int,
        and isReady: () -> Bool = { true },
        _ body: (inout ThrowingTaskGroup<Void, any Error>) throws -> Void
    ) async throws {
        let blocker = Blocker()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await database.write { _ in
                    blocker.inside.signal()
                    blocker.gate.wait()
                }
            }
            defer { blocker.gate.signal() }
            try await until { blocker.inside.wait(timeout: .now()) == .success }
            try body(&group)
            try await until { database.writeStatistics.waiting == gathered && isReady() }
            blocker.gate.signal()
            try await group.waitForAll()
        }
    }
}

/// A value that several tasks of a test change.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) {
        mutex = Mutex(value)
    }

    var value: Value { mutex.withLock { $0 } }

    func change(_ body: (inout Value) -> Void) {
        mutex.withLock { body(&$0) }
    }
}
