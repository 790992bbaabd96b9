import Testing

@testable import Storage

@Suite struct GroupCommitTests {
    @Test func writesThatWaitShareOneCommit() async throws {
        try await withDatabase { database in
            let before = database.writeStatistics
            try await Blocker.hold(database, until: 100) { group in
                for id in 0..<100 {
                    group.addTask { try await database.write { try $0.addNote(id) } }
                }
            }
            let after = database.writeStatistics
            #expect(after.commits - before.commits == 2, "one for the blocker, one for the hundred")
            #expect(after.applied - before.applied == 101)
            #expect(try await database.noteIDs() == Array(0..<100))
        }
    }

    @Test func aFailingWriteIsUndoneAlone() async throws {
        try await withDatabase { database in
            let refused = Shared<[Int]>([])
            try await Blocker.hold(database, until: 20) { group in
                for id in 0..<20 {
                    group.addTask {
                        do {
                            try await database.write { transaction in
                                try transaction.addNote(id)
                                try transaction.appendSample()
                                if id % 5 == 0 { throw Refusal() }
                            }
                        } catch is Refusal {
                            refused.change { $0.append(id) }
                        }
                    }
                }
            }
            #expect(refused.value.sorted() == [0, 5, 10, 15])
            #expect(try await database.noteIDs() == (0..<20).filter { $0 % 5 != 0 }.map(Int64.init))
            let page = try await database.changes(after: 0, limit: 100)
            #expect(page.changes.map(\.sequence) == Array(1...16))
            #expect(database.writeStatistics.refused == 4)
        }
    }

    @Test func aWriteSeesThoseBeforeItAndRunsOnce() async throws {
        try await withDatabase { database in
            let runs = Shared(0)
            try await Blocker.hold(database, until: 50) { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await database.write { transaction in
                            runs.change { $0 += 1 }
                            let count = try transaction.row("SELECT COUNT(*) AS n FROM note")?.int(
                                "n"
                            )
                            try transaction.addNote(Int(count ?? -1))
                        }
                    }
                }
            }
            #expect(runs.value == 50)
            #expect(try await database.noteIDs() == Array(0..<50))
        }
    }

    @Test func writesRunAgainBesideOneThatIsUndoneAnswerWhatIsStored() async throws {
        try await withDatabase { database in
            let answers = Shared<[Int: UInt64]>([:])
            try await Blocker.hold(database, until: 20) { group in
                for id in 0..<20 {
                    group.addTask {
                        do {
                            let place = try await database.write { transaction in
                                try transaction.addNote(id)
                                let place = try transaction.appendSample("\(id)")
                                if id % 5 == 4 { throw Refusal() }
                                return place
                            }
                            answers.change { $0[id] = place }
                        } catch is Refusal {}
                    }
                }
            }
            #expect(answers.value.values.sorted() == Array(1...16))
            let page = try await database.changes(after: 0, limit: 100)
            let stored = page.changes.map { (Int($0.kind), $0.sequence) }
            #expect(
                stored.allSatisfy { id, place in id.map { answers.value[$0] == place } ?? false }
            )
            #expect(stored.count == 16)
        }
    }

    @Test func aRefusalBeforeAnythingIsWrittenLeavesTheOthersAlone() async throws {
        try await withDatabase { database in
            let runs = Shared(0)
            try await Blocker.hold(database, until: 20) { group in
                for id in 0..<20 {
                    group.addTask {
                        try? await database.write { transaction in
                            runs.change { $0 += 1 }
                            _ = try transaction.exists("SELECT 1 FROM note")
                            if id % 5 == 0 { throw Refusal() }
                            try transaction.addNote(id)
                        }
                    }
                }
            }
            #expect(runs.value == 20, "nothing had to be undone, so nothing was run again")
            #expect(try await database.noteIDs() == (0..<20).filter { $0 % 5 != 0 }.map(Int64.init))
        }
    }

    @Test func aRefusedStatementLeavesTheRestOfItsWrite() async throws {
        try await withDatabase { database in
            try await database.write { transaction in
                try transaction.addNote(1)
                #expect(throws: StorageError.self) { try transaction.addNote(1) }
                try transaction.addNote(2)
            }
            #expect(try await database.noteIDs() == [1, 2])
        }
    }

    @Test func aCancelledWaitingWriteIsNotRun() async throws {
        try await withDatabase { database in
            let outcome = Shared<(any Error)?>(nil)
            let isCancelled = Shared(false)
            try await Blocker.hold(database, until: 2, and: { isCancelled.value }) { group in
                let waiting = Task { try await database.write { try $0.addNote(1) } }
                group.addTask { try await database.write { try $0.addNote(2) } }
                group.addTask {
                    try await until { database.writeStatistics.waiting == 2 }
                    waiting.cancel()
                    isCancelled.change { $0 = true }
                    do { try await waiting.value } catch { outcome.change { $0 = error } }
                }
            }
            #expect(outcome.value is CancellationError)
            #expect(try await database.noteIDs() == [2])
        }
    }

    @Test func aWriteOfACancelledTaskIsNotRun() async throws {
        try await withDatabase { database in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await database.write { try $0.addNote(1) }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let stored = try await database.noteIDs()
            #expect(stored == [])
        }
    }

    @Test func aWriteBeyondTheBoundIsRefused() async throws {
        var options = DatabaseOptions()
        options.writesQueuedMax = 2
        try await withDatabase(options) { database in
            let refused = Shared(0)
            try await Blocker.hold(database, until: 2, and: { refused.value == 3 }) { group in
                for id in 0..<5 {
                    group.addTask {
                        do {
                            try await database.write { try $0.addNote(id) }
                        } catch StorageError.busy {
                            refused.change { $0 += 1 }
                        }
                    }
                }
            }
            #expect(refused.value == 3)
            #expect(try await database.noteIDs().count == 2)
        }
    }

    @Test func closingInACancelledTaskStoresWhatWaitsAndRefusesTheRest() async throws {
        try await withDirectory { directory in
            let database = try Database.open(directory: directory, name: "a", migrations: [notes])
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await Blocker.hold(database, until: 11) { inner in
                    for id in 0..<10 {
                        inner.addTask { try await database.write { try $0.addNote(id) } }
                    }
                    group.addTask {
                        try await until { database.writeStatistics.waiting == 10 }
                        withUnsafeCurrentTask { $0?.cancel() }
                        try await database.close()
                    }
                }
                try await group.waitForAll()
            }
            await #expect(throws: StorageError.closed) {
                try await database.write { try $0.addNote(99) }
            }
            await #expect(throws: StorageError.closed) { try await database.noteIDs() }
            let again = try Database.open(directory: directory, name: "a", migrations: [notes])
            #expect(try await again.noteIDs() == Array(0..<10))
            try await again.close()
        }
    }
}
