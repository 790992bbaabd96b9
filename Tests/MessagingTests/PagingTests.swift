import Contracts
import Messaging
import RPC
import ServiceKit
import Storage
import Testing

@Suite struct PagingTests {
    @Test func pagesLeadBackToTheFirstMessage() async throws {
        try await withMessaging { harness in
            for _ in 1...7 { try await harness.send(as: .lea) }
            var sequences: [[UInt64]] = []
            var before: UInt64 = 0
            while true {
                let page = try await harness.messages(before: before, limit: 3, as: .lea)
                sequences.append(page.messages.map(\.sequence))
                guard page.more else { break }
                before = try #require(page.messages.last).sequence
            }
            #expect(sequences == [[7, 6, 5], [4, 3, 2], [1]])
        }
    }

    @Test func aPageThatEndsWithTheFirstMessageSaysSo() async throws {
        try await withMessaging { harness in
            for _ in 1...3 { try await harness.send(as: .lea) }
            #expect(try await harness.messages(limit: 3, as: .lea).more == false)
            #expect(try await harness.messages(limit: 2, as: .lea).more)
            #expect(try await harness.messages(before: 1, as: .lea) == ListMessagesResponse())
        }
    }

    @Test func withoutALimitAPageHas50() async throws {
        try await withMessaging { harness in
            for _ in 1...60 { try await harness.send(as: .lea) }
            #expect(try await harness.messages(as: .lea).messages.count == 50)
            #expect(
                try await harness.messages(before: .max, limit: 200, as: .lea).messages.count == 60
            )
        }
    }

    @Test func tooLargeALimitIsRefused() async throws {
        try await withMessaging { harness in
            let error = await #expect(throws: RPCError.self) {
                try await harness.messages(limit: 201, as: .lea)
            }
            #expect(error?.code == .invalidArgument)
            await #expect(throws: RPCError.self) { try await harness.notices(limit: 201, as: .lea) }
        }
    }

    @Test func aPageOfTheLongestTextsIsShorterAndSaysThatThereIsMore() async throws {
        try await withMessaging { harness in
            let text = String(repeating: "🙂", count: 4_000)
            for _ in 1...60 { try await harness.send(text, as: .lea) }
            let page = try await harness.messages(limit: 200, as: .lea)
            #expect(page.messages.count < 60)
            #expect(page.messages.count > 40)
            #expect(page.more)
            let oldest = try #require(page.messages.last).sequence
            let rest = try await harness.messages(before: oldest, limit: 200, as: .lea)
            #expect(rest.messages.map(\.sequence) == (1..<oldest).reversed())
        }
    }
}
