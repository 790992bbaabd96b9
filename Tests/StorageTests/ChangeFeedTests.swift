import Testing

@testable import Storage

@Suite struct ChangeFeedTests {
    @Test func placesHaveNoGapUnderRollbacksConcurrencyAndRestarts() async throws {
        try await withDirectory { directory in
            var expected: UInt64 = 0
            for round in 0..<3 {
                let database = try Database.open(
                    directory: directory,
                    name: "test",
                    migrations: [notes]
                )
                #expect(database.feedHead == expected)
                let stored = try await withThrowingTaskGroup(of: Int.self) { group in
                    for writer in 0..<60 {
                        group.addTask {
                            do {
                                return try await database.write { transaction in
                                    for _ in 0...(writer % 3) { try transaction.appendSample() }
                                    if writer % 4 == 0 { throw Refusal() }
                                    return writer % 3 + 1
                                }
                            } catch is Refusal {
                                return 0
                            }
                        }
                    }
                    return try await group.reduce(0, +)
                }
                expected += UInt64(stored)
                let page = try await database.changes(after: 0, limit: 1_000)
                #expect(page.changes.map(\.sequence) == Array(1...expected), "round \(round)")
                #expect(page.head == expected)
                #expect(database.feedHead == expected)
                try await database.close()
            }
        }
    }

    @Test func anEntryComesBackWhole() async throws {
        let database = try Database.inMemory(migrations: [])
        let place = try await database.write { transaction in
            try transaction.append(
                kind: "passemploi.Sample",
                youngPersonID: "person",
                counsellorID: "counsellor",
                body: [0, 9, 255],
                at: Timestamp(milliseconds: 77)
            )
        }
        let page = try await database.changes(after: 0, limit: 10)
        let change = StoredChange(
            sequence: place,
            at: Timestamp(milliseconds: 77),
            kind: "passemploi.Sample",
            youngPersonID: "person",
            counsellorID: "counsellor",
            body: [0, 9, 255]
        )
        #expect(page == ChangePage(changes: [change], lookedThrough: 1, head: 1))
        #expect(page.isAtHead)
    }

    /// Ten entries: persons a and b in turn, counsellor x for the first five, kinds k0, k1, k2.
    private func sampleFeed() async throws -> Database {
        let database = try Database.inMemory(migrations: [])
        try await database.write { transaction in
            for index in 0..<10 {
                try transaction.appendSample(
                    "k\(index % 3)",
                    person: index.isMultiple(of: 2) ? "a" : "b",
                    counsellor: index < 5 ? "x" : "y"
                )
            }
        }
        return database
    }

    @Test func filtersChooseAndThePositionMovesOverTheRest() async throws {
        let database = try await sampleFeed()
        func places(_ page: ChangePage) -> [UInt64] { page.changes.map(\.sequence) }

        let ofPerson = try await database.changes(after: 0, limit: 10, youngPersonID: "a")
        #expect(places(ofPerson) == [1, 3, 5, 7, 9])
        #expect(ofPerson.lookedThrough == 10)
        let ofCounsellor = try await database.changes(after: 2, limit: 10, counsellorID: "x")
        #expect(places(ofCounsellor) == [3, 4, 5])
        let ofBoth = try await database.changes(
            after: 0,
            limit: 10,
            youngPersonID: "b",
            counsellorID: "y"
        )
        #expect(places(ofBoth) == [6, 8, 10])
        let ofKinds = try await database.changes(after: 0, limit: 10, kinds: ["k0", "k2"])
        #expect(places(ofKinds) == [1, 3, 4, 6, 7, 9, 10])
        let ofNobody = try await database.changes(after: 0, limit: 10, youngPersonID: "c")
        #expect(ofNobody == ChangePage(changes: [], lookedThrough: 10, head: 10))
    }

    @Test func aFilterByPersonIsAnsweredFromAnIndex() async throws {
        let database = try Database.inMemory(migrations: [])
        let filters = [
            ChangeFilter(youngPersonID: "a", counsellorID: nil),
            ChangeFilter(youngPersonID: nil, counsellorID: "a"),
        ]
        for filter in filters {
            let request = ChangeFeed.Request(after: 0, limit: 10, filter: filter, until: nil)
            let plan = try await database.read { reader in
                try reader.rows("EXPLAIN QUERY PLAN \(request.sql)", ["a", 0, 10])
            }
            #expect(plan.count == 1)
            #expect(try plan[0].text("detail").contains("SEARCH change USING INDEX"))
        }
    }

    @Test func limitsAndEndsAreKept() async throws {
        let database = try await sampleFeed()
        let first = try await database.changes(after: 0, limit: 2, youngPersonID: "b")
        #expect(first.changes.map(\.sequence) == [2, 4])
        #expect(first.lookedThrough == 4)
        #expect(!first.isAtHead)
        let next = try await database.changes(
            after: first.lookedThrough,
            limit: 10,
            youngPersonID: "b",
            until: 7
        )
        #expect(next.changes.map(\.sequence) == [6])
        #expect(next.lookedThrough == 7)
        let atHead = try await database.changes(after: 10, limit: 10)
        #expect(atHead == ChangePage(changes: [], lookedThrough: 10, head: 10))
        let behind = try await database.changes(after: 5, limit: 10, until: 3)
        #expect(behind.changes.isEmpty)
        #expect(behind.lookedThrough == 5)
    }

    @Test func aPositionFromElsewhereIsRefused() async throws {
        let database = try await sampleFeed()
        await #expect(throws: StorageError.beyondFeed(position: 11, head: 10)) {
            try await database.changes(after: 11, limit: 10)
        }
        await #expect(throws: StorageError.self) {
            try await database.changes(after: .max, limit: 10)
        }
    }

    @Test func theWorkOfOneCallIsBounded() async throws {
        let database = try Database.inMemory(migrations: [])
        let count = Limits.feedScanMax + 5
        try await database.write { transaction in
            for _ in 0..<count { try transaction.appendSample("dull") }
            try transaction.appendSample("wanted")
        }
        let first = try await database.changes(after: 0, limit: 10, kinds: ["wanted"])
        #expect(first.changes.isEmpty)
        #expect(first.lookedThrough == UInt64(Limits.feedScanMax))
        let second = try await database.changes(
            after: first.lookedThrough,
            limit: 10,
            kinds: ["wanted"]
        )
        #expect(second.changes.map(\.sequence) == [UInt64(count + 1)])
        #expect(second.isAtHead)
    }

    @Test func aPageFitsAFrame() async throws {
        let database = try Database.inMemory(migrations: [])
        let sizes = [600_000, 600_000, 2_000_000, 10]
        try await database.write { transaction in
            for size in sizes {
                try transaction.appendSample(body: [UInt8](repeating: 1, count: size))
            }
        }
        var pages: [[UInt64]] = []
        var position: UInt64 = 0
        while position < database.feedHead, pages.count < 10 {
            let page = try await database.changes(after: position, limit: 10)
            pages.append(page.changes.map(\.sequence))
            position = page.lookedThrough
        }
        #expect(pages == [[1], [2], [3], [4]])
    }

    @Test func aFollowerAppliesEachEntryOnceOverRestarts() async throws {
        let source = try Database.inMemory(migrations: [])
        try await source.write { transaction in
            for index in 0..<30 { try transaction.appendSample(body: [UInt8(index)]) }
        }
        try await withDirectory { directory in
            // Each round follows for a while, is given some entries twice, and fails half-way once.
            for round in 0..<6 {
                let copy = try Database.open(
                    directory: directory,
                    name: "copy",
                    migrations: [notes]
                )
                let position = try await copy.read { try $0.feedPosition(of: "source") }
                let from = position > 3 ? position - 3 : 0
                let page = try await source.changes(after: from, limit: 12)
                for (index, change) in page.changes.enumerated() {
                    let fails = round == 1 && index == 7
                    do {
                        try await copy.write { transaction in
                            try transaction.addNote(Int(change.sequence))
                            try transaction.setFeedPosition(of: "source", to: change.sequence)
                            if fails { throw Refusal() }
                        }
                    } catch StorageError.constraint, StorageError.positionNotAhead {
                        #expect(change.sequence <= position, "only what was applied is refused")
                    } catch is Refusal {
                        break
                    }
                }
                try await copy.close()
            }
            let copy = try Database.open(directory: directory, name: "copy", migrations: [notes])
            #expect(try await copy.noteIDs() == Array(1...30))
            #expect(try await copy.read { try $0.feedPosition(of: "source") } == 30)
            #expect(try await copy.read { try $0.feedPosition(of: "other") } == 0)
            try await copy.close()
        }
    }

    @Test func aPositionNeverStandsStillOrMovesBack() async throws {
        let database = try Database.inMemory(migrations: [])
        try await database.write { try $0.setFeedPosition(of: "source", to: 5) }
        for position: UInt64 in [5, 4, 0] {
            await #expect(
                throws: StorageError.positionNotAhead(source: "source", stored: 5, wanted: position)
            ) {
                try await database.write { try $0.setFeedPosition(of: "source", to: position) }
            }
        }
    }

    @Test func rowsAndPositionComeFromOneMoment() async throws {
        let database = try Database.inMemory(migrations: [notes])
        try await database.write { transaction in
            try transaction.addNote(1)
            try transaction.appendSample()
            #expect(try transaction.feedHead() == 1)
        }
        let head = try await database.read { try $0.feedHead() }
        #expect(head == 1)
    }
}
