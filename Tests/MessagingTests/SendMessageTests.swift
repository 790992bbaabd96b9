import Contracts
import Foundation
import Messaging
import RPC
import ServiceKit
import Storage
import Testing

@Suite struct SendMessageTests {
    static let id = "0190b6e0-1111-7000-8000-000000000001"

    @Test func bothSidesSeeOneOrder() async throws {
        try await withMessaging { harness in
            try await harness.send("Bonjour", as: .theirCounsellor)
            try await harness.send("Bonjour !", as: .lea)
            try await harness.send("Ça va ?", as: .theirCounsellor)
            let forYoungPerson = try await harness.messages(as: .lea).messages
            let forCounsellor = try await harness.messages(as: .theirCounsellor).messages
            #expect(forYoungPerson == forCounsellor)
            #expect(forYoungPerson.map(\.sequence) == [3, 2, 1])
            #expect(forYoungPerson.map(\.text) == ["Ça va ?", "Bonjour !", "Bonjour"])
            #expect(
                forYoungPerson.map(\.sender) == [
                    .counsellorSide, .youngPersonSide, .counsellorSide,
                ]
            )
            #expect(
                forYoungPerson.map(\.senderID) == [
                    MessagingHarness.counsellor, MessagingHarness.lea, MessagingHarness.counsellor,
                ]
            )
        }
    }

    @Test func conversationsDoNotShareTheirOrder() async throws {
        try await withMessaging { harness in
            try await harness.send(as: .lea)
            let first = try await harness.send(to: MessagingHarness.hugo, as: .hugo)
            #expect(first.sequence == 1)
        }
    }

    @Test func manySendersAtOnceLeaveNeitherGapNorDouble() async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("messaging-tests-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let database = try Database.open(
            directory: directory,
            name: "messaging",
            migrations: MessagingSchema.migrations
        )
        try await withMessaging(on: database) { harness in
            let senders = 16
            let each = 25
            try await withThrowingTaskGroup(of: Void.self) { group in
                for sender in 0..<senders {
                    group.addTask {
                        let caller: Caller = sender.isMultiple(of: 2) ? .lea : .theirCounsellor
                        for index in 0..<each {
                            try await harness.send("\(sender)-\(index)", as: caller)
                        }
                    }
                }
                try await group.waitForAll()
            }
            var messages: [Message] = []
            var before: UInt64 = 0
            repeat {
                let page = try await harness.messages(before: before, limit: 200, as: .lea)
                messages += page.messages
                before = page.more ? page.messages.last?.sequence ?? 0 : 0
            } while before > 0
            #expect(messages.map(\.sequence) == (1...UInt64(senders * each)).reversed())
            #expect(Set(messages.map(\.text)).count == senders * each)
            // One sender's messages keep the order in which they were sent.
            for sender in 0..<senders {
                let own = messages.reversed().map(\.text).filter { $0.hasPrefix("\(sender)-") }
                #expect(own == (0..<each).map { "\(sender)-\($0)" })
            }
        }
    }

    @Test func theSameMessageAgainIsStoredOnce() async throws {
        try await withMessaging { harness in
            let first = try await harness.send("Bonjour", id: Self.id, as: .lea)
            harness.clock.advance(by: .seconds(60))
            let second = try await harness.send("Bonjour", id: Self.id.uppercased(), as: .lea)
            #expect(first == second)
            let feed = try await harness.feed()
            #expect(feed.map(\.kind) == [MessageSent.fullName, NoticeAdded.fullName])
            #expect(try await harness.messages(as: .lea).messages.count == 1)
            #expect(try await harness.notices(as: .theirCounsellor).notices.count == 1)
        }
    }

    @Test func theSameIDSentAtOnceIsStoredOnce() async throws {
        try await withMessaging { harness in
            try await withThrowingTaskGroup(of: UInt64.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await harness.send(id: Self.id, as: .lea).sequence }
                }
                for try await sequence in group { #expect(sequence == 1) }
            }
            #expect(try await harness.conversation(as: .lea).lastSequence == 1)
        }
    }

    @Test func anIDIsGoodForOneTextOneConversationAndOneSender() async throws {
        try await withMessaging { harness in
            try await harness.send("Bonjour", id: Self.id, as: .theirCounsellor)
            let others: [(String, String, Caller)] = [
                ("Bonsoir", MessagingHarness.lea, .theirCounsellor),
                ("Bonjour", MessagingHarness.hugo, .theirCounsellor),
                ("Bonjour", MessagingHarness.lea, .lea),
            ]
            for (text, youngPerson, caller) in others {
                let error = await #expect(throws: RPCError.self) {
                    try await harness.send(text, id: Self.id, to: youngPerson, as: caller)
                }
                #expect(error?.code == .alreadyExists)
            }
            #expect(try await harness.conversation(as: .lea).lastSequence == 1)
            #expect(
                try await harness.conversation(of: MessagingHarness.hugo, as: .hugo).lastSequence
                    == 0
            )
        }
    }

    @Test func composedAndDecomposedLettersAreDifferentTexts() async throws {
        try await withMessaging { harness in
            try await harness.send("caf\u{E9}", id: Self.id, as: .lea)
            let error = await #expect(throws: RPCError.self) {
                try await harness.send("cafe\u{301}", id: Self.id, as: .lea)
            }
            #expect(error?.code == .alreadyExists)
        }
    }

    @Test(arguments: [1, 4_000])
    func textsOfTheLimitsAreKeptAsTheyAre(count: Int) async throws {
        try await withMessaging { harness in
            let text = String(repeating: "🙂", count: count)
            let message = try await harness.send(text, as: .lea)
            #expect(message.text == text)
        }
    }

    @Test(arguments: [
        "", " ", " \n\t\u{A0}\u{2003}", String(repeating: "a", count: 4_001),
        String(repeating: "🙂", count: 4_001), "a\u{7}b", "a\u{1B}[2J", "a\u{85}b",
    ])
    func aBadTextIsRefusedByName(text: String) async throws {
        try await withMessaging { harness in
            let error = await #expect(throws: RPCError.self) {
                try await harness.send(text, as: .lea)
            }
            #expect(error?.code == .invalidArgument)
            let conversation = try await harness.conversation(as: .lea)
            #expect(conversation.lastSequence == 0)
            #expect(try await harness.feed() == [])
        }
    }

    /// The typed client refuses to encode a NUL, and the server to decode it; the rule stands
    /// behind both.
    @Test func aTextWithNULIsRefused() async throws {
        try await withMessaging { harness in
            let service = MessagingService(
                database: harness.database,
                now: { MessagingHarness.start }
            )
            let call = CallContext(
                method: MessagingMethods.sendMessage.descriptor,
                peer: .service("gateway"),
                metadata: PersonHeaders.metadata(for: .lea)
            )
            let request = SendMessageRequest(
                id: Self.id,
                youngPersonID: MessagingHarness.lea,
                text: "a\u{0}b"
            )
            let error = await #expect(throws: RPCError.self) {
                try await service.sendMessage(request, call)
            }
            #expect(error?.code == .invalidArgument)
            let feed = try await harness.feed()
            #expect(feed == [])
        }
    }

    @Test func aBadTextIsNamedText() async throws {
        try await withMessaging { harness in
            let error = await #expect(throws: RPCError.self) {
                try await harness.send("", as: .lea)
            }
            #expect(error?.message == "text must be 1 to 4000 characters.")
        }
    }

    @Test(arguments: ["", "1", "not-a-uuid", "0190b6e0-1111-7000-8000-00000000000g"])
    func aBadIDIsRefused(id: String) async throws {
        try await withMessaging { harness in
            let error = await #expect(throws: RPCError.self) {
                try await harness.send(id: id, as: .lea)
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.hasPrefix("id ") == true)
        }
    }

    @Test func theFeedTellsOfAMessageWithoutItsText() async throws {
        try await withMessaging { harness in
            let message = try await harness.send("secret", as: .lea)
            let entries = try await harness.feed()
            let entry = try #require(entries.first)
            #expect(entry.youngPersonID == MessagingHarness.lea)
            #expect(entry.counsellorID == MessagingHarness.counsellor)
            #expect(
                try MessageSent(serializedBytes: entry.body)
                    == MessageSent(
                        id: message.id,
                        sequence: 1,
                        sender: .youngPersonSide,
                        sentMs: MessagingHarness.start.milliseconds
                    )
            )
            for entry in entries {
                #expect(!String(decoding: entry.body, as: UTF8.self).contains("secret"))
            }
        }
    }
}
