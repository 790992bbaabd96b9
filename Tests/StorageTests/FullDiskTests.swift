import Testing

@testable import Storage

@Suite struct FullDiskTests {
    private var small: DatabaseOptions {
        var options = DatabaseOptions()
        options.pagesMax = 40
        return options
    }

    private static let large = String(repeating: "x", count: 200_000)

    @Test func aFullDiskFailsTheWriteAndKeepsTheDatabaseUsable() async throws {
        try await withDatabase(small) { database in
            try await database.write { try $0.addNote(1) }
            let error = await #expect(throws: StorageError.self) {
                try await database.write { try $0.addNote(2, Self.large) }
            }
            #expect(error == .diskFull(path: database.path))
            try await database.write { try $0.addNote(3) }
            #expect(try await database.noteIDs() == [1, 3])
        }
    }

    @Test func whatFollowsASwallowedFullDiskIsNotStored() async throws {
        try await withDatabase(small) { database in
            await #expect(throws: StorageError.diskFull(path: database.path)) {
                try await database.write { transaction in
                    try? transaction.addNote(1, Self.large)
                    try? transaction.addNote(2)
                }
            }
            let stored = try await database.noteIDs()
            #expect(stored == [])
        }
    }

    @Test func aBatchThatMeetsAFullDiskFailsWithNothingStoredAndTheOthersGoOn() async throws {
        try await withDatabase(small) { database in
            let failed = Shared<Set<Int>>([])
            let ran = Shared<[Int: Int]>([:])
            try await Blocker.hold(database, until: 10) { group in
                for id in 0..<10 {
                    group.addTask {
                        do {
                            try await database.write { transaction in
                                ran.change { $0[id, default: 0] += 1 }
                                try transaction.appendSample()
                                try transaction.addNote(id, id == 5 ? Self.large : "small")
                            }
                        } catch StorageError.diskFull {
                            failed.change { $0.insert(id) }
                        }
                    }
                }
            }
            let lost = failed.value
            #expect(lost.contains(5))
            #expect(
                ran.value == Dictionary(uniqueKeysWithValues: (0..<10).map { ($0, 1) })
            )
            // Who was told "stored" is stored, who was told "full" is not.
            let stored = try await database.noteIDs()
            #expect(
                Set(stored)
                    == Set(0..<10).subtracting(lost).reduce(into: []) { $0.insert(Int64($1)) }
            )
            let page = try await database.changes(after: 0, limit: 100)
            #expect(page.changes.map(\.sequence) == (0..<stored.count).map { UInt64($0 + 1) })
        }
    }
}
