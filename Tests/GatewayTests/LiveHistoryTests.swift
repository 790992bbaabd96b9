import Contracts
import RPC
import ServiceKit
import Storage
import Synchronization
import Testing

@testable import Gateway

/// Thousands of changes in five feeds, services that go and come, and clients that leave anywhere
/// and go on from their cursors: each must have seen each change once and in order.
@Suite(.timeLimit(.minutes(5))) struct LiveHistoryTests {
    private static let changesPerFeed = 700
    private static let last = "last"
    private static let people = [
        TestPerson.young, .otherYoung, .counsellor, .otherCounsellor,
    ]

    /// What one client saw.
    private struct History {
        var start: [String: UInt64] = [:]
        var seen: [String: [UInt64]] = [:]
        var resumptions = 0
        var overflows = 0
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func everyClientSeesEachOfItsChangesOnce(_ seed: UInt64) async throws {
        try await withLive { scene in
            let starts = try await cursors(scene)
            let progress = Progress()
            let histories = try await withThrowingTaskGroup(of: (TestPerson, History)?.self) {
                group in
                for (number, person) in (Self.people + Self.people).enumerated() {
                    let start = starts[person] ?? ""
                    let random = SeededRandom(seed: seed &* 1_000 &+ UInt64(number))
                    group.addTask {
                        (person, try await follow(scene, person, start, random, progress))
                    }
                }
                for (number, source) in LiveHub.sources.enumerated() {
                    let random = SeededRandom(seed: seed &* 7_777 &+ UInt64(number))
                    group.addTask {
                        try await fill(scene, source, random, progress)
                        return nil
                    }
                }
                // A stream whose reading back failed after the hub had come back waits for this.
                group.addTask {
                    // Ends with the group, when all have seen enough.
                    try? await scene.pulse.keepBeating()
                    return nil
                }
                var histories: [(TestPerson, History)] = []
                for try await outcome in group {
                    guard let outcome else { continue }
                    histories.append(outcome)
                    if histories.count == Self.people.count * 2 { group.cancelAll() }
                }
                return histories
            }
            for (person, history) in histories {
                try await check(scene, person, history)
            }
            #expect(histories.reduce(0) { $0 + $1.1.resumptions } > 100)
        }
    }

    private func cursors(_ scene: LiveScene) async throws -> [TestPerson: String] {
        var cursors: [TestPerson: String] = [:]
        for person in Self.people { cursors[person] = try await scene.cursor(person) }
        return cursors
    }

    /// Appends changes of random people, and takes the service away now and then.
    ///
    /// Never far ahead of the clients, so that they leave, come back and catch up while changes
    /// are added.
    private func fill(
        _ scene: LiveScene,
        _ source: String,
        _ seeded: SeededRandom,
        _ progress: Progress
    ) async throws {
        var random = seeded
        let gate = try scene.gate(source)
        var left = Self.changesPerFeed
        var events = 0
        while left > 0 {
            let count = min(left, Int.random(in: 1...12, using: &random))
            left -= count
            let changes = (0..<count).map { _ in
                let young = [TestPerson.young, .otherYoung].randomElement(using: &random)
                let counsellor = [TestPerson.counsellor, .otherCounsellor]
                    .randomElement(using: &random)
                let people = [young, counsellor].compactMap { $0 }
                    .filter { _ in Bool.random(using: &random) }
                return (kind: "some", people: people)
            }
            try await LiveScene.append(gate.database, changes)
            events += changes.reduce(0) { $0 + $1.people.count * 2 }
            switch Int.random(in: 0..<12, using: &random) {
            case 0: gate.goDown()
            case 1...4: gate.comeUp()
            default: break
            }
            guard gate.isUp else { continue }
            await progress.reach(events - Int.random(in: 0...40, using: &random), of: source)
        }
        gate.comeUp()
        try await LiveScene.append(
            gate.database,
            [
                (Self.last, [.young, .counsellor]), (Self.last, [.otherYoung, .otherCounsellor]),
            ]
        )
    }

    /// Watches in pieces of random length until the last change of every feed has come.
    private func follow(
        _ scene: LiveScene,
        _ person: TestPerson,
        _ start: String,
        _ seeded: SeededRandom,
        _ progress: Progress
    ) async throws -> History {
        var random = seeded
        var history = History(start: try LiveCursor.decode(start))
        var cursor = start
        var ended: Set<String> = []
        while ended.count < LiveHub.sources.count {
            let piece = Int.random(in: 1...60, using: &random)
            do {
                try await scene.watch(person, from: cursor) { reader in
                    var changes = 0
                    while changes < piece, ended.count < LiveHub.sources.count {
                        let event = try await reader.next()
                        cursor = event.cursor
                        guard let change = event.change else { continue }
                        changes += 1
                        progress.step(event.service)
                        history.seen[event.service, default: []].append(change.sequence)
                        if change.kind == Self.last { ended.insert(event.service) }
                    }
                }
                history.resumptions += 1
            } catch let error as RPCError where error.code == .resourceExhausted {
                history.overflows += 1
            }
        }
        return history
    }

    private func check(_ scene: LiveScene, _ person: TestPerson, _ history: History) async throws {
        for source in LiveHub.sources {
            let database = try scene.gate(source).database
            var expected: [UInt64] = []
            var position = history.start[source] ?? 0
            while position < database.feedHead {
                let page = try await database.changes(after: position, limit: 256)
                position = page.lookedThrough
                for change in page.changes
                where [change.youngPersonID, change.counsellorID].contains(person.id) {
                    expected.append(change.sequence)
                }
            }
            #expect(history.seen[source] == expected, "\(person) and \(source)")
        }
    }
}

/// How many events of each feed have come to all clients together.
private final class Progress: Sendable {
    private struct Feed {
        var count = 0
        let signals: AsyncStream<Void>
        let signal: AsyncStream<Void>.Continuation

        init() {
            (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        }
    }

    private let feeds = Mutex(
        Dictionary(uniqueKeysWithValues: LiveHub.sources.map { ($0, Feed()) })
    )

    func step(_ source: String) {
        let signal = feeds.withLock { feeds in
            feeds[source]?.count += 1
            return feeds[source]?.signal
        }
        signal?.yield()
    }

    /// Waits until so many have come; only one task may wait for a feed.
    func reach(_ count: Int, of source: String) async {
        guard let signals = feeds.withLock({ $0[source]?.signals }), !hasReached(count, source)
        else { return }
        for await _ in signals where hasReached(count, source) { return }
    }

    private func hasReached(_ count: Int, _ source: String) -> Bool {
        feeds.withLock { $0[source]?.count ?? 0 } >= count
    }
}
