import Contracts
import Messaging
import RPC
import ServiceKit
import Storage
import Testing

@Suite struct AccessTests {
    typealias Attempt = @Sendable (MessagingHarness, Caller) async throws -> Void

    /// Each method that names a conversation, on that of `lea`.
    private static let attempts: [Attempt] = [
        { try await $0.send(as: $1) },
        { _ = try await $0.messages(as: $1) },
        { _ = try await $0.conversation(as: $1) },
        { try await $0.acknowledge(as: $1) },
    ]

    @Test func othersAreRefused() async throws {
        try await withMessaging { harness in
            try await harness.send(as: .lea)
            for attempt in Self.attempts {
                for caller in [Caller.hugo, .otherCounsellor, .youngPerson(Self.unknown)] {
                    let error = await #expect(throws: RPCError.self) {
                        try await attempt(harness, caller)
                    }
                    #expect(error?.code == .permissionDenied)
                }
            }
        }
    }

    @Test func onlyTheTwoSidesCall() async throws {
        try await withMessaging { harness in
            let callers: [(Caller, RPCError.Code)] = [
                (.supervisor(MessagingHarness.counsellor), .permissionDenied),
                (.visitor, .unauthenticated),
            ]
            for (caller, code) in callers {
                let listed = await #expect(throws: RPCError.self) {
                    try await harness.conversations(as: caller)
                }
                #expect(listed?.code == code)
                let noticed = await #expect(throws: RPCError.self) {
                    try await harness.notices(as: caller)
                }
                #expect(noticed?.code == code)
            }
        }
    }

    @Test func anUnknownYoungPersonIsRefusedLikeAnothers() async throws {
        try await withMessaging { harness in
            var errors: [RPCError?] = []
            for youngPerson in [Self.unknown, MessagingHarness.ines] {
                errors.append(
                    await #expect(throws: RPCError.self) {
                        try await harness.messages(of: youngPerson, as: .theirCounsellor)
                    }
                )
            }
            #expect(errors[0]?.code == .permissionDenied)
            #expect(errors[0]?.message == errors[1]?.message)
        }
    }

    @Test func aMalformedYoungPersonIsABadField() async throws {
        try await withMessaging { harness in
            let error = await #expect(throws: RPCError.self) {
                try await harness.messages(of: "lea", as: .theirCounsellor)
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.hasPrefix("young_person_id ") == true)
        }
    }

    @Test func theConversationGoesWithTheYoungPersonToANewCounsellor() async throws {
        try await withMessaging { harness in
            let message = try await harness.send("Bonjour", as: .theirCounsellor)
            try await harness.send("Bonjour !", as: .lea)
            try await harness.send("Une question…", as: .lea)
            try await harness.acknowledge(read: 2, as: .theirCounsellor)
            let counsellor = MessagingHarness.otherCounsellor
            try await assign(MessagingHarness.lea, to: counsellor, in: harness.database)
            for attempt in Self.attempts {
                let error = await #expect(throws: RPCError.self) {
                    try await attempt(harness, .theirCounsellor)
                }
                #expect(error?.code == .permissionDenied)
            }
            let retry = await #expect(throws: RPCError.self) {
                try await harness.send("Bonjour", id: message.id, as: .theirCounsellor)
            }
            #expect(retry?.code == .permissionDenied)
            let copy = await #expect(throws: RPCError.self) {
                try await harness.send("Bonjour", id: message.id, as: .otherCounsellor)
            }
            #expect(copy?.code == .alreadyExists)
            let page = try await harness.messages(as: .otherCounsellor)
            #expect(page.messages.map(\.text) == ["Une question…", "Bonjour !", "Bonjour"])
            #expect(page.messages.last?.senderID == MessagingHarness.counsellor)
            // What the counsellor's side has read stays read.
            let conversation = try await harness.conversation(as: .otherCounsellor)
            #expect(conversation.unread == 1)
            #expect(conversation.counsellorID == counsellor)
            #expect(try await harness.conversation(as: .lea).counsellorID == counsellor)
            #expect(try await harness.send("Enchantée", as: .otherCounsellor).sequence == 4)
            try await harness.send("Merci", as: .lea)
            #expect(try await harness.notices(as: .otherCounsellor).unseen == 1)
            #expect(
                try await harness.conversations(as: .theirCounsellor).map(\.youngPersonID)
                    == [MessagingHarness.hugo]
            )
        }
    }

    private static let unknown = "0190b6e0-ffff-7000-8000-00000000000f"
}
