import Testing

@testable import Storage

@Suite struct FeedSignalTests {
    @Test func aWaiterIsWokenByTheNextCommit() async throws {
        try await withDatabase { database in
            async let head = database.waitForChange(after: 0)
            try await until { database.feed.waitingCount == 1 }
            try await database.write { try $0.addNote(1) }
            #expect(database.feed.waitingCount == 1, "a write without an entry wakes nobody")
            try await database.write { transaction in
                try transaction.appendSample()
                try transaction.appendSample()
            }
            let seen = try await head
            #expect(seen == 2)
        }
    }

    @Test func aWaiterBehindTheHeadGoesOnAtOnce() async throws {
        let database = try Database.inMemory(migrations: [])
        try await database.write { transaction in
            try transaction.appendSample()
            try transaction.appendSample()
        }
        #expect(try await database.waitForChange(after: 0) == 2)
        #expect(try await database.waitForChange(after: 1, youngPersonID: "other") == 2)
    }

    @Test func aRolledBackEntryWakesNobody() async throws {
        let database = try Database.inMemory(migrations: [])
        async let head = database.waitForChange(after: 0)
        try await until { database.feed.waitingCount == 1 }
        await #expect(throws: Refusal.self) {
            try await database.write { transaction in
                try transaction.appendSample()
                throw Refusal()
            }
        }
        #expect(database.feed.waitingCount == 1)
        #expect(database.feedHead == 0)
        try await database.write { _ = try $0.appendSample() }
        let seen = try await head
        #expect(seen == 1)
    }

    @Test func aCommitWakesOnlyThoseItConcerns() async throws {
        let database = try Database.inMemory(migrations: [])
        try await withThrowingTaskGroup(of: String.self) { group in
            func wait(_ name: String, _ kinds: [String], _ person: String?, _ counsellor: String?) {
                group.addTask {
                    try await database.waitForChange(
                        after: 0,
                        kinds: kinds,
                        youngPersonID: person,
                        counsellorID: counsellor
                    )
                    return name
                }
            }
            wait("person a", [], "a", nil)
            wait("person a, kind k", ["k"], "a", nil)
            wait("person a of x", [], "a", "x")
            wait("counsellor y", [], nil, "y")
            wait("kind k", ["k"], nil, nil)
            try await until { database.feed.waitingCount == 5 }

            try await database.write {
                _ = try $0.appendSample("other", person: "b", counsellor: "x")
            }
            #expect(database.feed.waitingCount == 5)
            try await database.write {
                _ = try $0.appendSample("other", person: "a", counsellor: "y")
            }
            let first = [try await group.next(), try await group.next()].compactMap(\.self)
            #expect(Set(first) == ["person a", "counsellor y"])
            #expect(database.feed.waitingCount == 3)
            try await database.write { _ = try $0.appendSample("k", person: "a", counsellor: "x") }
            let rest = try await group.reduce(into: Set<String>()) { $0.insert($1) }
            #expect(rest == ["person a, kind k", "person a of x", "kind k"])
        }
        #expect(database.feed.waitingCount == 0)
    }

    @Test func manyWaitersAreAllWoken() async throws {
        let database = try Database.inMemory(migrations: [])
        try await withThrowingTaskGroup(of: UInt64.self) { group in
            for _ in 0..<1_000 {
                group.addTask { try await database.waitForChange(after: 0) }
            }
            try await until { database.feed.waitingCount == 1_000 }
            try await database.write { _ = try $0.appendSample() }
            #expect(try await group.allSatisfy { $0 == 1 })
        }
    }

    @Test func aLargeCommitWakesEveryone() async throws {
        let database = try Database.inMemory(migrations: [])
        async let head = database.waitForChange(after: 0, youngPersonID: "late")
        try await until { database.feed.waitingCount == 1 }
        try await database.write { transaction in
            for _ in 0...Limits.feedMarksMax { try transaction.appendSample(person: "other") }
            try transaction.appendSample(person: "late")
        }
        let seen = try await head
        #expect(seen == UInt64(Limits.feedMarksMax) + 2)
    }

    @Test func aCancelledWaiterIsForgotten() async throws {
        let database = try Database.inMemory(migrations: [])
        let waiter = Task { try await database.waitForChange(after: 0, youngPersonID: "a") }
        try await until { database.feed.waitingCount == 1 }
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        #expect(database.feed.waitingCount == 0)
    }

    @Test func closingEndsTheWait() async throws {
        let database = try Database.inMemory(migrations: [])
        let waiter = Task { try await database.waitForChange(after: 0) }
        try await until { database.feed.waitingCount == 1 }
        try await database.close()
        await #expect(throws: StorageError.closed) { try await waiter.value }
        await #expect(throws: StorageError.closed) { try await database.waitForChange(after: 0) }
    }
}
