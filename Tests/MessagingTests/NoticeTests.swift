import Contracts
@testable import Messaging
import RPC
import ServiceKit
import Storage
import Synchronization
import Testing

@Suite struct NoticeTests {
    @Test func aMessageGivesTheOtherSideANotice() async throws {
        try await withMessaging { harness in
            let toYoungPerson = try await harness.send("Bonjour", as: .theirCounsellor)
            let toCounsellor = try await harness.send("Salut", as: .lea)
            let notices = try await harness.notices(as: .lea)
            #expect(
                notices.notices == [
                    Notice(
                        sequence: 1,
                        kind: .messageReceived,
                        timeMs: MessagingHarness.start.milliseconds,
                        subjectID: toYoungPerson.id,
                        youngPersonID: MessagingHarness.lea,
                        seen: false,
                        text: "Nouveau message de votre conseiller"
                    )
                ]
            )
            #expect(notices.unseen == 1)
            let counsellors = try await harness.notices(as: .theirCounsellor).notices
            #expect(counsellors.map(\.subjectID) == [toCounsellor.id])
            #expect(counsellors.map(\.text) == ["Nouveau message de Léa Martin"])
            #expect(try await harness.notices(as: .hugo).notices == [])
        }
    }

    @Test func theFeedTellsOnlyWhomANoticeIsFor() async throws {
        try await withMessaging { harness in
            try await harness.send(as: .lea)
            try await harness.markSeen(through: 1, as: .theirCounsellor)
            let entries = try await harness.feed().suffix(2)
            #expect(entries.map(\.kind) == [NoticeAdded.fullName, NoticesSeen.fullName])
            #expect(entries.map(\.youngPersonID) == ["", ""])
            #expect(
                entries.map(\.counsellorID)
                    == [MessagingHarness.counsellor, MessagingHarness.counsellor]
            )
            let added = try NoticeAdded(serializedBytes: entries.first?.body ?? [])
            #expect(added.personID == MessagingHarness.counsellor)
            #expect(added.notice?.sequence == 1)
            let seen = try NoticesSeen(serializedBytes: entries.last?.body ?? [])
            #expect(seen == NoticesSeen(personID: MessagingHarness.counsellor, through: 1))
        }
    }

    @Test func noticesAreSeenUpToAPosition() async throws {
        try await withMessaging { harness in
            for _ in 1...5 { try await harness.send(as: .theirCounsellor) }
            #expect(try await harness.markSeen(through: 3, as: .lea) == 2)
            let page = try await harness.notices(as: .lea)
            #expect(page.notices.map(\.seen) == [false, false, true, true, true])
            #expect(page.unseen == 2)
            let entries = try await harness.feed().count
            #expect(try await harness.markSeen(through: 2, as: .lea) == 2)
            #expect(try await harness.markSeen(through: 0, as: .lea) == 2)
            #expect(try await harness.feed().count == entries)
        }
    }

    @Test func aPositionNotReachedIsRefused() async throws {
        try await withMessaging { harness in
            try await harness.send(as: .theirCounsellor)
            for position in [2, .max] as [UInt64] {
                let error = await #expect(throws: RPCError.self) {
                    try await harness.markSeen(through: position, as: .lea)
                }
                #expect(error?.code == .invalidArgument)
                #expect(error?.message.hasPrefix("through ") == true)
            }
            #expect(try await harness.notices(as: .lea).unseen == 1)
        }
    }

    @Test func readingAConversationMakesItsNoticesSeen() async throws {
        try await withMessaging { harness in
            try await harness.send(as: .lea)
            try await harness.send(to: MessagingHarness.hugo, as: .hugo)
            try await harness.send(as: .lea)
            try await harness.send(as: .lea)
            try await harness.acknowledge(delivered: 3, as: .theirCounsellor)
            #expect(try await harness.notices(as: .theirCounsellor).unseen == 4)
            try await harness.acknowledge(read: 2, as: .theirCounsellor)
            let page = try await harness.notices(as: .theirCounsellor)
            #expect(page.notices.map(\.seen) == [false, true, false, true])
            #expect(page.unseen == 2)
            // Hugo's is unseen, so nothing is told beyond the first.
            let entry = try #require(try await harness.feed().last)
            #expect(
                try NoticesSeen(serializedBytes: entry.body)
                    == NoticesSeen(personID: MessagingHarness.counsellor, through: 1)
            )
            try await harness.acknowledge(
                read: 1,
                of: MessagingHarness.hugo,
                as: .theirCounsellor
            )
            try await harness.acknowledge(read: 3, as: .theirCounsellor)
            let last = try #require(try await harness.feed().last)
            #expect(try NoticesSeen(serializedBytes: last.body).through == 4)
            #expect(try await harness.notices(as: .theirCounsellor).unseen == 0)
        }
    }

    @Test func pagesLeadBackToTheOldestNotice() async throws {
        try await withMessaging { harness in
            for _ in 1...5 { try await harness.send(as: .theirCounsellor) }
            let first = try await harness.notices(limit: 3, as: .lea)
            #expect(first.notices.map(\.sequence) == [5, 4, 3])
            #expect(first.more)
            let second = try await harness.notices(before: 3, limit: 3, as: .lea)
            #expect(second.notices.map(\.sequence) == [2, 1])
            #expect(!second.more)
            #expect(second.unseen == 5)
        }
    }

    @Test func noticesEndAfterTenDays() async throws {
        try await withMessaging { harness in
            try await harness.send(as: .theirCounsellor)
            harness.clock.advance(by: .seconds(3_600))
            try await harness.send(as: .theirCounsellor)
            harness.clock.advance(by: .seconds(10 * 86_400 - 3_600))
            #expect(try await harness.notices(as: .lea).notices.map(\.sequence) == [2, 1])
            harness.clock.advance(by: .milliseconds(1))
            let page = try await harness.notices(as: .lea)
            #expect(page.notices.map(\.sequence) == [2])
            #expect(page.unseen == 1)
            #expect(try await harness.markSeen(through: 1, as: .lea) == 1)
        }
    }

    @Test func thePurgeRemovesWhatIsTooOldAndNumbersGoOn() async throws {
        try await withMessaging { harness in
            let many = Limits.purgeBatch + 20
            for _ in 1...many { try await harness.send(as: .theirCounsellor) }
            let clock = harness.clock
            let store = NoticeStore(database: harness.database)
            let purge = NoticePurge(
                notices: store,
                now: { clock.now },
                sleep: { _ in throw CancellationError() },
                report: { Issue.record($0) }
            )
            clock.advance(by: .seconds(10 * 86_400))
            #expect(try await purge.pass() == 0)
            try await harness.send(as: .theirCounsellor)
            clock.advance(by: .milliseconds(1))
            // More than a batch, so the pass needs two.
            #expect(try await purge.pass() == many)
            let left = try await harness.notices(as: .lea).notices
            #expect(left.map(\.sequence) == [UInt64(many) + 1])
            let rows = try await harness.database.read { try $0.rows("SELECT 1 FROM notice").count }
            #expect(rows == 1)
        }
    }

    @Test func thePurgeComesBackAlsoAfterAFailure() async throws {
        let diary = Diary()
        // Without the tables each pass fails.
        let purge = NoticePurge(
            notices: NoticeStore(database: try Database.inMemory(migrations: [])),
            now: { MessagingHarness.start },
            sleep: { nap in
                guard diary.add("slept \(nap)") == 4 else { return }
                withUnsafeCurrentTask { $0?.cancel() }
            },
            report: { _ in _ = diary.add("failed") }
        )
        await Task { await purge.run() }.value
        let nap = "slept \(Limits.purgeInterval)"
        #expect(diary.lines == ["failed", nap, "failed", nap])
    }
}

/// What happened, in order.
private final class Diary: Sendable {
    private let entries = Mutex<[String]>([])

    var lines: [String] { entries.withLock { $0 } }

    /// Answers how many lines there are then.
    func add(_ line: String) -> Int {
        entries.withLock { entries in
            entries.append(line)
            return entries.count
        }
    }
}
