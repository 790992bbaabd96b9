import Contracts
import Messaging
import RPC
import ServiceKit
import Storage
import Testing

@Suite struct ReceiptTests {
    private func ms(_ seconds: Int64) -> Int64 {
        MessagingHarness.start.milliseconds + seconds * 1_000
    }

    @Test func eachMessageTellsWhenItArrivedAndWasRead() async throws {
        try await withMessaging { harness in
            for _ in 1...4 { try await harness.send(as: .lea) }
            harness.clock.advance(by: .seconds(10))
            try await harness.acknowledge(delivered: 2, as: .theirCounsellor)
            harness.clock.advance(by: .seconds(10))
            try await harness.acknowledge(delivered: 3, read: 1, as: .theirCounsellor)
            harness.clock.advance(by: .seconds(10))
            try await harness.acknowledge(read: 2, as: .theirCounsellor)
            for caller in [Caller.lea, .theirCounsellor] {
                let messages = try await harness.messages(as: caller).messages.reversed()
                #expect(messages.map(\.deliveredMs) == [ms(10), ms(10), ms(20), 0])
                #expect(messages.map(\.readMs) == [ms(20), ms(30), 0, 0])
            }
        }
    }

    @Test func receiptsGoBothWays() async throws {
        try await withMessaging { harness in
            try await harness.send(as: .theirCounsellor)
            try await harness.send(as: .lea)
            harness.clock.advance(by: .seconds(1))
            try await harness.acknowledge(read: 2, as: .lea)
            var messages = try await harness.messages(as: .lea).messages
            // The young person's position does not make their own message delivered or read.
            #expect(messages.map(\.readMs) == [0, ms(1)])
            #expect(messages.map(\.deliveredMs) == [0, ms(1)])
            harness.clock.advance(by: .seconds(1))
            try await harness.acknowledge(delivered: 2, as: .theirCounsellor)
            messages = try await harness.messages(as: .theirCounsellor).messages
            #expect(messages.map(\.deliveredMs) == [ms(2), ms(1)])
            #expect(messages.map(\.readMs) == [0, ms(1)])
        }
    }

    @Test func readingImpliesDelivery() async throws {
        try await withMessaging { harness in
            for _ in 1...3 { try await harness.send(as: .theirCounsellor) }
            harness.clock.advance(by: .seconds(5))
            let conversation = try await harness.acknowledge(read: 2, as: .lea)
            #expect(
                conversation.youngPerson
                    == Position(
                        deliveredThrough: 2,
                        deliveredMs: ms(5),
                        readThrough: 2,
                        readMs: ms(5)
                    )
            )
        }
    }

    @Test func readingWhatWasDeliveredLeavesItsTime() async throws {
        try await withMessaging { harness in
            for _ in 1...3 { try await harness.send(as: .theirCounsellor) }
            try await harness.acknowledge(delivered: 3, as: .lea)
            harness.clock.advance(by: .seconds(5))
            let conversation = try await harness.acknowledge(read: 2, as: .lea)
            #expect(
                conversation.youngPerson
                    == Position(
                        deliveredThrough: 3,
                        deliveredMs: ms(0),
                        readThrough: 2,
                        readMs: ms(5)
                    )
            )
        }
    }

    @Test func positionsOnlyMoveForward() async throws {
        try await withMessaging { harness in
            for _ in 1...3 { try await harness.send(as: .theirCounsellor) }
            let before = try await harness.acknowledge(delivered: 3, read: 3, as: .lea)
            let entries = try await harness.feed().count
            harness.clock.advance(by: .seconds(5))
            for (delivered, read) in [(1, 1), (3, 3), (0, 0), (0, 2), (2, 0)] as [(UInt64, UInt64)]
            {
                let after = try await harness.acknowledge(
                    delivered: delivered,
                    read: read,
                    as: .lea
                )
                #expect(after == before)
            }
            #expect(try await harness.feed().count == entries)
        }
    }

    @Test(arguments: [(4, 0), (0, 4), (.max, 0), (0, .max)] as [(UInt64, UInt64)])
    func aPositionBehindTheEndIsRefused(delivered: UInt64, read: UInt64) async throws {
        try await withMessaging { harness in
            for _ in 1...3 { try await harness.send(as: .theirCounsellor) }
            let error = await #expect(throws: RPCError.self) {
                try await harness.acknowledge(delivered: delivered, read: read, as: .lea)
            }
            #expect(error?.code == .invalidArgument)
            let field = delivered > 0 ? "delivered_through" : "read_through"
            #expect(error?.message.hasPrefix(field) == true)
            #expect(try await harness.conversation(as: .lea).youngPerson == Position())
        }
    }

    @Test(arguments: [1, 3, 7, 40])
    func pagesOfAnyLengthTellTheSameTimes(limit: UInt32) async throws {
        try await withMessaging { harness in
            for number in 1...30 {
                try await harness.send(as: number % 3 == 0 ? .theirCounsellor : .lea)
            }
            // Delivered one by one, read in steps of four and five; the last ones not at all.
            for second in 1...26 {
                harness.clock.advance(by: .seconds(1))
                let through = UInt64(second)
                try await harness.acknowledge(
                    delivered: through,
                    read: through / 4 * 4,
                    as: .theirCounsellor
                )
                try await harness.acknowledge(delivered: through, read: through / 5 * 5, as: .lea)
            }
            var before: UInt64 = 0
            repeat {
                let page = try await harness.messages(before: before, limit: limit, as: .lea)
                for message in page.messages {
                    let place = Int64(message.sequence)
                    let step: Int64 = message.sender == .youngPersonSide ? 4 : 5
                    let read = (place + step - 1) / step * step
                    #expect(message.deliveredMs == (place <= 26 ? ms(place) : 0))
                    #expect(message.readMs == (read <= 26 ? ms(read) : 0))
                }
                before = page.messages.last?.sequence ?? 1
            } while before > 1
        }
    }

    @Test func anEmptyConversationCanBeAcknowledgedUpToNothing() async throws {
        try await withMessaging { harness in
            let conversation = try await harness.acknowledge(as: .lea)
            #expect(conversation.lastSequence == 0)
            await #expect(throws: RPCError.self) {
                try await harness.acknowledge(read: 1, as: .lea)
            }
        }
    }

    @Test func theFeedTellsOfAMove() async throws {
        try await withMessaging { harness in
            try await harness.send(as: .theirCounsellor)
            try await harness.acknowledge(delivered: 1, as: .lea)
            let entry = try #require(try await harness.feed().last)
            #expect(entry.kind == ReceiptsMoved.fullName)
            #expect(entry.youngPersonID == MessagingHarness.lea)
            #expect(entry.counsellorID == MessagingHarness.counsellor)
            #expect(
                try ReceiptsMoved(serializedBytes: entry.body)
                    == ReceiptsMoved(
                        side: .youngPersonSide,
                        position: Position(deliveredThrough: 1, deliveredMs: ms(0))
                    )
            )
        }
    }
}
