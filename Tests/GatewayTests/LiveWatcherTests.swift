import Contracts
import RPC
import ServiceKit
import Storage
import Testing

@testable import Gateway

/// The hub and its watchers as values, in the orders that a running system meets rarely.
@Suite struct LiveWatcherTests {
    private static let ages = Timestamp(milliseconds: .max)
    private let hub = LiveHub(logger: quiet) { _ in }

    private func watcher(
        _ positions: [String: UInt64] = [:],
        _ person: TestPerson = .young,
        session: String = "s"
    ) throws -> LiveWatcher {
        let watcher = LiveWatcher(
            Sessions.Person(
                caller: .youngPerson(person.id),
                sessionID: session,
                expires: Self.ages
            ),
            personID: person.id,
            positions: positions
        )
        try hub.add(watcher)
        return watcher
    }

    private func batch(_ sequences: ClosedRange<UInt64>) -> ChangeBatch {
        ChangeBatch(
            changes: sequences.map { Change(sequence: $0, youngPersonID: TestPerson.young.id) },
            through: sequences.upperBound,
            head: sequences.upperBound
        )
    }

    /// What waits to be written, as text.
    private func items(_ watcher: LiveWatcher) async -> [String] {
        watcher.end(Self.done)
        var texts: [String] = []
        for await item in watcher.items {
            switch item {
            case .change(let source, let change): texts.append("\(source) \(change.sequence)")
            case .catchUp(let source, let after, let until):
                texts.append("\(source) from \(after) to \(until)")
            case .signOfLife: texts.append("life")
            }
        }
        return texts
    }

    private static let done = RPCError(.cancelled, "Done.")

    private func takes(_ watcher: LiveWatcher, _ sequence: UInt64, late: Bool = false) -> Bool {
        watcher.take(Change(sequence: sequence), of: "agenda", whileCatchingUp: late)
    }

    @Test func aFeedThatTheHubHasNotReachedStartsWhereTheHubFindsIt() async throws {
        let watcher = try watcher()
        #expect(try LiveCursor.decode(watcher.cursor) == [:])
        hub.connected("agenda", at: 40)
        hub.deliver(batch(41...42), of: "agenda")
        #expect(try LiveCursor.decode(watcher.cursor) == ["agenda": 40])
        #expect(await items(watcher) == ["agenda 41", "agenda 42"])
    }

    @Test func whatLiesBehindTheCursorIsReadBackFirst() async throws {
        hub.connected("agenda", at: 40)
        let watcher = try watcher(["agenda": 10])
        hub.deliver(batch(41...41), of: "agenda")
        #expect(await items(watcher) == ["agenda from 10 to 40", "agenda 41"])
    }

    @Test func aCursorAheadOfTheHubIsPutToTheFeed() async throws {
        hub.connected("agenda", at: 40)
        let watcher = try watcher(["agenda": 90])
        #expect(await items(watcher) == ["agenda from 90 to 90"])
    }

    @Test func theHubComingBackTellsNothingTwice() async throws {
        hub.connected("agenda", at: 40)
        let watcher = try watcher()
        hub.deliver(batch(41...41), of: "agenda")
        hub.connected("agenda", at: 41)
        hub.deliver(batch(42...42), of: "agenda")
        #expect(await items(watcher) == ["agenda 41", "agenda 42"])
    }

    @Test func changesLeftOverFromBeforeAFailedCatchUpDoNotOvertakeTheNextOne() throws {
        hub.connected("agenda", at: 40)
        let watcher = try watcher(["agenda": 10])
        hub.deliver(batch(41...42), of: "agenda")
        // The stream reads back up to 20, then the service goes; the hub finds it again before the
        // stream has looked at 41.
        #expect(takes(watcher, 20, late: true))
        watcher.pause("agenda")
        hub.connected("agenda", at: 42)
        #expect(!takes(watcher, 41))
        #expect(try LiveCursor.decode(watcher.cursor) == ["agenda": 20])
        #expect(takes(watcher, 41, late: true))
        watcher.move("agenda", to: 42)
        watcher.caughtUp("agenda")
        #expect(!takes(watcher, 42))
        #expect(takes(watcher, 43))
    }

    @Test func aFeedThatWaitsTakesNothing() async throws {
        hub.connected("agenda", at: 40)
        let watcher = try watcher(["agenda": 10])
        watcher.pause("agenda")
        hub.deliver(batch(41...42), of: "agenda")
        #expect(!takes(watcher, 41))
        hub.signLife(watcher)
        let expected = ["agenda from 10 to 40", "agenda from 10 to 42", "life"]
        #expect(await items(watcher) == expected)
    }

    @Test func aSignOfLifeMovesOnlyFeedsThatAreUpToDate() throws {
        for source in ["agenda", "offers", "actions"] { hub.connected(source, at: 40) }
        let watcher = try watcher(["agenda": 10, "offers": 40, "messaging": 5])
        watcher.passed(["agenda": 60, "offers": 60, "messaging": 60, "actions": 60])
        #expect(
            try LiveCursor.decode(watcher.cursor)
                == ["agenda": 10, "offers": 60, "messaging": 5, "actions": 60]
        )
        watcher.caughtUp("agenda")
        watcher.passed(["agenda": 60, "offers": 50])
        #expect(try LiveCursor.decode(watcher.cursor)["agenda"] == 60)
        #expect(try LiveCursor.decode(watcher.cursor)["offers"] == 60)
    }

    @Test func tooMuchWaitingEndsTheStreamOnce() async throws {
        hub.connected("agenda", at: 0)
        let watcher = try watcher()
        hub.deliver(batch(1...1_024), of: "agenda")
        #expect(watcher.ending == nil)
        hub.deliver(batch(1_025...3_000), of: "agenda")
        #expect(watcher.ending?.code == .resourceExhausted)
        #expect(await items(watcher).count == 1_024)
    }

    @Test func aFeedThatWasPutBackEndsAllStreamsAndStartsAgain() async throws {
        hub.connected("agenda", at: 40)
        let old = try watcher(["agenda": 40])
        hub.lostPlace(in: "agenda")
        #expect(old.ending?.code == .failedPrecondition)
        let fresh = try watcher()
        hub.connected("agenda", at: 7)
        hub.deliver(batch(8...8), of: "agenda")
        #expect(await items(fresh) == ["agenda 8"])
    }

    @Test func theEndOfASessionEndsItsStreamsAndNoOther() throws {
        let ended = try watcher(session: "one")
        let same = try watcher(session: "two")
        let change = Change(
            sequence: 1,
            kind: SessionEnded.fullName,
            youngPersonID: TestPerson.young.id,
            body: try SessionEnded(sessionID: "one").serializedBytes()
        )
        hub.deliver(ChangeBatch(changes: [change], through: 1, head: 1), of: "accounts")
        #expect(ended.ending?.code == .unauthenticated)
        #expect(same.ending == nil)
    }

    @Test func onePersonsStreamsAreCounted() throws {
        let watchers = try (0..<LiveHub.watchersPerPersonMax).map { _ in try watcher() }
        let error = #expect(throws: RPCError.self) { try watcher() }
        #expect(error?.code == .resourceExhausted)
        _ = try watcher([:], .counsellor)
        hub.remove(watchers[3])
        _ = try watcher()
    }

    @Test func whoIsRemovedIsToldNothingMore() async throws {
        hub.connected("agenda", at: 0)
        let watcher = try watcher()
        hub.remove(watcher)
        hub.deliver(batch(1...5), of: "agenda")
        #expect(await items(watcher) == [])
    }

    @Test func aPersonIsTheOnlyOneToSeeTheirNotices() throws {
        let young = Caller.youngPerson("y")
        let counsellor = Caller.counsellor("c")
        let added = Change(
            kind: NoticeAdded.fullName,
            body: try NoticeAdded(personID: "y").serializedBytes()
        )
        let seen = Change(
            kind: NoticesSeen.fullName,
            body: try NoticesSeen(personID: "c", through: 4).serializedBytes()
        )
        #expect(LiveService.concerns(added, young))
        #expect(!LiveService.concerns(added, counsellor))
        #expect(!LiveService.concerns(seen, young))
        #expect(LiveService.concerns(seen, counsellor))
        #expect(!LiveService.concerns(Change(kind: NoticeAdded.fullName, body: [0xFF]), young))
        #expect(!LiveService.concerns(Change(kind: SessionEnded.fullName), young))
        #expect(LiveService.concerns(Change(kind: MessageSent.fullName), young))
    }
}

@Suite struct LiveCursorTests {
    @Test func aCursorSaysForEachFeedWhereItIs() throws {
        let numbers: [UInt64] = [0, 1, 2, UInt64(Int64.max), 4]
        let all = Dictionary(uniqueKeysWithValues: zip(LiveHub.sources, numbers))
        for positions in [[:], ["offers": 9], all] as [[String: UInt64]] {
            #expect(try LiveCursor.decode(LiveCursor.encode(positions)) == positions)
        }
        #expect(try LiveCursor.decode("") == [:])
    }

    static let foreign: [String] = [
        "x", "AAAA", "%", "é", Cursor.encode(["1"]), Cursor.encode(["2", "", "", "", "", ""]),
        Cursor.encode(["1", "", "", "", "", "-1"]), Cursor.encode(["1", "", "", "", "", "1", ""]),
        Cursor.encode(["1", "a", "", "", "", ""]),
        Cursor.encode(["1", "9223372036854775808", "", "", "", ""]),
        String(repeating: "A", count: 100_000),
    ]

    @Test(arguments: foreign)
    func aForeignCursorIsRefused(_ text: String) {
        let error = #expect(throws: RPCError.self) { try LiveCursor.decode(text) }
        #expect(error?.code == .failedPrecondition)
    }
}
