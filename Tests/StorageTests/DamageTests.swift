import Foundation
import Testing

@testable import Storage

@Suite struct DamageTests {
    /// A closed database of some 200 pages, and then what `harm` does to its file.
    private func harmed(
        _ harm: (_ path: String) throws -> Void,
        _ check: (StorageError?) throws -> Void
    ) async throws {
        try await withDirectory { directory in
            let database = try Database.open(
                directory: directory,
                name: "test",
                migrations: [notes]
            )
            try await database.write { transaction in
                for id in 0..<2_000 { try transaction.addNote(id, "some text \(id) \(id) \(id)") }
            }
            try await database.write { transaction in
                for id in 0..<2_000 { try transaction.appendSample(person: "person \(id)") }
            }
            try await database.close()
            try harm(directory + "/test.sqlite")
            let error = #expect(throws: StorageError.self) {
                try Database.open(directory: directory, name: "test", migrations: [notes])
            }
            try check(error)
        }
    }

    private func expectDamaged(_ error: StorageError?) {
        guard case .damaged = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    private func overwrite(_ path: String, at offset: Int, with bytes: [UInt8]) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }

    @Test func anotherKindOfFileIsRefused() async throws {
        try await harmed(
            { try overwrite($0, at: 0, with: Array("This is not a database.".utf8)) },
            expectDamaged
        )
    }

    @Test(arguments: [1, 2, 5, 17])
    func aDestroyedPageIsFound(page: Int) async throws {
        try await harmed(
            { path in
                let noise = (0..<4_096).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
                try overwrite(path, at: page * 4_096, with: noise)
            },
            expectDamaged
        )
    }

    @Test func aFileCutShortIsFound() async throws {
        try await harmed(
            { path in
                let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
                try file.truncate(atOffset: 40_000)
                try file.close()
            },
            expectDamaged
        )
    }

    @Test func anEmptiedFileIsNotTakenForANewOne() async throws {
        try await harmed(
            { path in try Data().write(to: URL(fileURLWithPath: path)) },
            expectDamaged
        )
    }

    @Test func aRemovedFileIsNotTakenForANewOne() async throws {
        try await harmed(
            { path in try FileManager.default.removeItem(atPath: path) },
            expectDamaged
        )
    }

    @Test func withItsLockFileGoneADatabaseBeginsAnew() async throws {
        try await withDirectory { directory in
            try await Database.open(directory: directory, name: "test", migrations: [notes]).close()
            for suffix in [".sqlite", ".lock"] {
                try FileManager.default.removeItem(atPath: directory + "/test" + suffix)
            }
            let database = try Database.open(
                directory: directory,
                name: "test",
                migrations: [notes]
            )
            #expect(try await database.noteIDs() == [])
            try await database.close()
        }
    }
}
