import Contracts
import Messaging
import RPC
import ServiceKit
import Storage
import TestSupport
import Testing

@Suite struct UnreadTests {
    @Test func ownMessagesAreNotUnread() async throws {
        try await withMessaging { harness in
            try await harness.send(as: .lea)
            try await harness.send(as: .lea)
            #expect(try await harness.conversation(as: .lea).unread == 0)
            #expect(try await harness.conversation(as: .theirCounsellor).unread == 2)
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func unreadEqualsANaiveCountOnAnyHistory(seed: UInt64) async throws {
        try await withMessaging { harness in
            var dice = Dice(seed: seed)
            var senders: [Caller] = []
            // By side: the young person's, the counsellor's.
            var read: [UInt64] = [0, 0]
            let callers = [Caller.lea, .theirCounsellor]
            for _ in 0..<120 {
                let side = dice.roll(2)
                let caller = callers[side]
                if senders.isEmpty || dice.roll(3) > 0 {
                    try await harness.send(as: caller)
                    senders.append(caller)
                } else {
                    let through = UInt64(dice.roll(senders.count)) + 1
                    try await harness.acknowledge(read: through, as: caller)
                    read[side] = max(read[side], through)
                }
                for (side, reader) in callers.enumerated() {
                    let expected = senders.indices.count {
                        senders[$0] != reader && UInt64($0 + 1) > read[side]
                    }
                    let conversation = try await harness.conversation(as: reader)
                    #expect(conversation.unread == UInt32(expected))
                    let listed = try await harness.conversations(as: reader)
                    #expect(listed.contains(conversation))
                }
            }
        }
    }

    @Test func aCounsellorSeesTheWholeCaseloadWhoWaitsFirst() async throws {
        try await withMessaging { harness in
            let empty = "0190b6e0-0000-7000-8000-00000000000d"
            try await assign(empty, to: MessagingHarness.counsellor, in: harness.database)
            let quiet = "0190b6e0-0000-7000-8000-00000000000e"
            try await assign(quiet, to: MessagingHarness.counsellor, in: harness.database)
            func order() async throws -> [String] {
                try await harness.conversations(as: .theirCounsellor).map(\.youngPersonID)
            }
            let all = [MessagingHarness.lea, MessagingHarness.hugo, empty, quiet]
            #expect(try await order() == all)
            try await harness.send(to: quiet, as: .youngPerson(quiet))
            harness.clock.advance(by: .seconds(1))
            try await harness.send(to: MessagingHarness.hugo, as: .hugo)
            harness.clock.advance(by: .seconds(1))
            try await harness.send(to: MessagingHarness.lea, as: .theirCounsellor)
            // Two wait, the later one first; then the latest of the others; then the empty one.
            #expect(
                try await order() == [MessagingHarness.hugo, quiet, MessagingHarness.lea, empty]
            )
            try await harness.acknowledge(read: 1, of: MessagingHarness.hugo, as: .theirCounsellor)
            #expect(
                try await order() == [quiet, MessagingHarness.lea, MessagingHarness.hugo, empty]
            )
        }
    }

    @Test func aCaseloadLargerThanOneQueryIsListedWhole() async throws {
        try await withMessaging { harness in
            for index in 0..<130 {
                let id = "0190b6e0-0000-7000-8000-000000001\(index + 100)"
                try await assign(id, to: "c-many", in: harness.database)
            }
            let ids = try await harness.conversations(as: .counsellor("c-many")).map(
                \.youngPersonID
            )
            #expect(Set(ids).count == 130)
            let last = try #require(ids.last)
            try await harness.send(to: last, as: .youngPerson(last))
            let first = try await harness.conversations(as: .counsellor("c-many")).first
            #expect(first?.youngPersonID == last)
            #expect(first?.unread == 1)
        }
    }

    @Test func aYoungPersonHasOneConversation() async throws {
        try await withMessaging { harness in
            let conversations = try await harness.conversations(as: .lea)
            #expect(conversations == [try await harness.conversation(as: .lea)])
            #expect(conversations.first?.counsellorID == MessagingHarness.counsellor)
            #expect(conversations.first?.youngPerson == Position())
        }
    }

    @Test func aCounsellorWithoutCaseloadHasNone() async throws {
        try await withMessaging { harness in
            let conversations = try await harness.conversations(as: .counsellor("nobody"))
            #expect(conversations.isEmpty)
        }
    }
}

/// Numbers that look random and are the same with each run (SplitMix64).
struct Dice {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// A number from 0 up to `sides`.
    mutating func roll(_ sides: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(sides))
    }
}
