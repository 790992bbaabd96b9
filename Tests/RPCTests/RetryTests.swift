import NIOCore
import NIOEmbedded
import Testing

@testable import RPC

/// Calls that are tried again, and those that are not.
@Suite struct RetryTests {
    private static let two = ["10.0.0.1", "10.0.0.2"]
    private static let down = RPCError(.unavailable, "down")
    private static let refused = RPCError(.unavailable, "busy", isNotProcessed: true)

    /// A method like the echo's unary one that must not be called twice.
    private static let once = Method<EchoMessage, EchoMessage>(
        service: "pass.rpc.v1.Echo",
        name: "Unary",
        kind: .unary,
        roles: [],
        peers: [],
        isIdempotent: false,
        timeout: .seconds(10)
    )

    private func begin(
        _ server: RawServer,
        _ method: Method<EchoMessage, EchoMessage> = EchoMethods.unary,
        _ options: CallOptions = CallOptions()
    ) -> Outcome<EchoMessage> {
        server.start { try await $0.unary(method, EchoMessage(body: [7]), options: options) }
    }

    @Test func anIdempotentCallIsTriedThreeTimes() throws {
        let server = try RawServer()
        let outcome = begin(server)
        for attempt in UInt32(0)..<3 {
            let request = try #require(try server.received().first)
            #expect(try request.head.attempt == attempt)
            #expect(request.flags.contains(.idempotent))
            #expect(Array(request.payload.readableBytesView) == [0x0a, 1, 7])
            try server.send(.response, stream: request.stream, header: Self.down.statusHeader())
            guard attempt < 2 else { break }
            // 50 ms, then 100 ms; nothing before.
            server.loop.advanceTime(by: .milliseconds(Int64(50 << attempt)) - .nanoseconds(1))
            #expect(try server.received().isEmpty)
            server.loop.advanceTime(by: .nanoseconds(1))
        }
        #expect(outcome.error == Self.down)
        server.loop.advanceTime(by: .seconds(5))
        #expect(try server.received().isEmpty)
    }

    @Test(arguments: [(1.0, 60), (-1.0, 40)])
    func theWaitMovesByAFifth(jitter: Double, milliseconds: Int64) throws {
        let server = try RawServer(jitter: jitter)
        _ = begin(server)
        try server.answer { _ in Self.down }
        server.loop.advanceTime(by: .milliseconds(milliseconds) - .microseconds(1))
        #expect(try server.received().isEmpty)
        server.loop.advanceTime(by: .microseconds(1))
        #expect(try server.received().count == 1)
    }

    @Test func whatAHandlerMayHaveSeenIsNotTriedAgainUnlessIdempotent() throws {
        let server = try RawServer()
        let outcome = begin(server, Self.once)
        try server.answer { _ in Self.down }
        #expect(outcome.error == Self.down)
        let refused = begin(server, Self.once)
        try server.answer { _ in Self.refused }
        #expect(refused.value == nil)
        server.loop.advanceTime(by: .milliseconds(50))
        try server.answer()
        #expect(refused.success != nil)
    }

    @Test(arguments: RPCError.Code.allCases)
    func onlyWhatMayPassIsTriedAgain(code: RPCError.Code) throws {
        let server = try RawServer()
        let outcome = begin(server)
        try server.answer { _ in RPCError(code, "no", isNotProcessed: true) }
        #expect((outcome.value == nil) == (code == .unavailable))
        server.loop.advanceTime(by: .seconds(1))
        #expect(try server.answer().isEmpty == (code != .unavailable))
    }

    @Test func tooMuchWorkIsARefusalThatPassesAndTooLargeAMessageIsNot() throws {
        let server = try RawServer()
        let busy = RPCError(.resourceExhausted, "busy", retryAfter: .milliseconds(5))
        let outcome = begin(server)
        try server.answer { _ in busy }
        #expect(outcome.error == busy)
        var safe = busy
        safe.isNotProcessed = true
        let second = begin(server)
        try server.answer { [safe] _ in safe }
        server.loop.advanceTime(by: .milliseconds(50))
        try server.answer()
        #expect(second.success != nil)
    }

    @Test func theTimeToComeBackIsObeyed() throws {
        let server = try RawServer()
        let outcome = begin(server)
        let later = RPCError(.unavailable, "later", retryAfter: .seconds(2))
        try server.answer { _ in later }
        server.loop.advanceTime(by: .milliseconds(1999))
        #expect(try server.received().isEmpty)
        server.loop.advanceTime(by: .milliseconds(1))
        try server.answer()
        #expect(outcome.success != nil)
    }

    @Test func withoutTimeForItTheErrorComesAtOnce() throws {
        let server = try RawServer()
        let later = RPCError(.unavailable, "later", retryAfter: .seconds(2))
        let options = CallOptions(timeout: .seconds(2))
        let outcome = begin(server, EchoMethods.unary, options)
        try server.answer { _ in later }
        #expect(outcome.error == later)
        let endless = Method<EchoMessage, EchoMessage>(
            service: "pass.rpc.v1.Echo",
            name: "Unary",
            kind: .unary,
            roles: [],
            peers: [],
            isIdempotent: true,
            timeout: nil
        )
        let tooLate = RPCError(.unavailable, "tomorrow", retryAfter: .seconds(86_400))
        let second = begin(server, endless)
        try server.answer { _ in tooLate }
        #expect(second.error == tooLate)
    }

    @Test func theDeadlineCoversAllTries() throws {
        let server = try RawServer()
        let outcome = begin(server, EchoMethods.unary, CallOptions(timeout: .seconds(1)))
        server.loop.advanceTime(by: .milliseconds(600))
        try server.answer { _ in Self.down }
        server.loop.advanceTime(by: .milliseconds(50))
        let request = try #require(try server.received().first)
        #expect(try request.head.timeoutMicroseconds == 350_000)
        server.loop.advanceTime(by: .milliseconds(350))
        #expect(outcome.error?.code == .deadlineExceeded)
        #expect(outcome.error?.isNotProcessed == false)
    }

    @Test func aRefusalGoesToAnotherReplicaAtOnce() throws {
        let server = try RawServer(hosts: Self.two)
        let outcome = begin(server, Self.once)
        let refuser = server.hosts[0]
        var counts: [String: Int] = [:]
        for _ in 0..<2 where outcome.value == nil {
            let more = try server.answer { $0 == refuser ? Self.refused : nil }
            counts.merge(more, uniquingKeysWith: +)
        }
        #expect(outcome.success != nil)
        for _ in 0..<50 {
            let next = begin(server, Self.once)
            while next.value == nil, try !server.answer(status: refuser).isEmpty {}
            #expect(next.success != nil)
        }
    }

    @Test func anotherTryGoesToAnotherReplica() throws {
        let server = try RawServer(hosts: Self.two)
        let outcome = begin(server)
        let first = try server.answer { _ in Self.down }
        server.loop.advanceTime(by: .milliseconds(50))
        let second = try server.answer { _ in Self.down }
        #expect(first.count == 1 && second.count == 1)
        #expect(Set(first.keys) != Set(second.keys))
        server.loop.advanceTime(by: .milliseconds(100))
        try server.answer()
        #expect(outcome.success != nil)
    }

    @Test func aLostConnectionSendsItsIdempotentCallsElsewhere() throws {
        let server = try RawServer(hosts: Self.two)
        _ = begin(server)
        try server.answer()
        let calls = (0..<4).map { _ in begin(server) }
        let other = (0..<4).map { _ in begin(server, Self.once) }
        try server.disconnect(server.channels[0])
        server.loop.advanceTime(by: .milliseconds(50))
        try server.answer()
        #expect(calls.allSatisfy { $0.success != nil })
        let failed = other.compactMap(\.error)
        #expect(!failed.isEmpty)
        #expect(failed.allSatisfy { $0.code == .unavailable && !$0.isNotProcessed })
    }

    @Test func theLastErrorSaysWhetherAnyTryWasSeen() throws {
        let server = try RawServer()
        let outcome = begin(server)
        try server.answer { _ in Self.down }
        server.loop.advanceTime(by: .milliseconds(50))
        try server.answer { _ in Self.refused }
        server.loop.advanceTime(by: .milliseconds(100))
        try server.answer { _ in Self.refused }
        #expect(outcome.error == RPCError(.unavailable, "busy", isNotProcessed: false))
    }

    @Test func aServersStreamIsTriedAgainBeforeItsFirstMessageOnly() throws {
        let server = try RawServer()
        let outcome = server.start { client in
            try await client.serverStream(EchoMethods.serverStream, EchoMessage(body: [7])) {
                stream in
                var bodies: [[UInt8]] = []
                for try await message in stream { bodies.append(message.body) }
                return bodies
            }
        }
        try server.answer { _ in Self.down }
        server.loop.advanceTime(by: .milliseconds(50))
        let request = try #require(try server.received().first)
        #expect(Array(request.payload.readableBytesView) == [0x0a, 1, 7])
        try server.send(.message, .message, stream: request.stream, payload: [0x0a, 1, 9])
        try server.send(.response, stream: request.stream, header: Self.down.statusHeader())
        #expect(outcome.error == Self.down)
        server.loop.advanceTime(by: .seconds(1))
        #expect(try server.received().isEmpty)
    }

    @Test func bytesForBytesAreTriedAgainToo() throws {
        let server = try RawServer()
        let payload = ByteBuffer(bytes: [0x0a, 1, 7])
        let unary = server.start {
            try await $0.rawUnary(EchoMethods.unary.descriptor, payload)
        }
        let stream = server.start { client in
            try await client.rawStream(EchoMethods.serverStream.descriptor, first: payload) {
                _,
                answers in
                for try await _ in answers {}
            }
        }
        try server.answer { _ in Self.down }
        server.loop.advanceTime(by: .milliseconds(50))
        for request in try server.received() {
            #expect(request.payload == payload)
            try server.send(.response, .message, stream: request.stream, payload: [0x0a, 1, 8])
        }
        #expect(unary.success == ByteBuffer(bytes: [0x0a, 1, 8]))
        #expect(stream.value != nil && stream.error == nil)
    }

    @Test(arguments: [EchoMethods.clientStream, EchoMethods.bidi])
    func aClientsStreamIsNotTriedAgain(_ method: Method<EchoMessage, EchoMessage>) throws {
        let server = try RawServer()
        let outcome = server.start { client in
            try await client.rawStream(method.descriptor) { _, answers in
                for try await _ in answers {}
            }
        }
        try server.answer { _ in Self.refused }
        #expect(outcome.error == Self.refused)
    }

    @Test func retriesCanBeTurnedOff() throws {
        let server = try RawServer()
        let outcome = begin(server, EchoMethods.unary, CallOptions(retries: false))
        try server.answer { _ in Self.refused }
        #expect(outcome.error == Self.refused)
    }

    @Test func aCallerThatLeavesWhileItsCallRestsSendsNothingMore() throws {
        let server = try RawServer()
        let outcome = begin(server)
        try server.answer { _ in Self.down }
        outcome.task?.cancel()
        server.loop.run()
        #expect(outcome.error?.code == .cancelled)
        server.loop.advanceTime(by: .seconds(1))
        #expect(try server.received().isEmpty)
    }

    @Test func closingEndsCallsThatRest() throws {
        let server = try RawServer()
        let outcome = begin(server)
        let later = RPCError(.unavailable, "later", retryAfter: .seconds(2))
        try server.answer { _ in later }
        let closed = server.start { await $0.close() }
        #expect(outcome.error?.code == .unavailable)
        #expect(closed.value != nil)
    }

    @Test func aServerThatFailsEverythingGetsNoMoreThanItsShareOfTries() throws {
        let server = try RawServer()
        var requests = 0
        for _ in 0..<500 {
            _ = begin(server)
            for _ in 0..<3 {
                requests += try server.answer { _ in Self.down }.values.reduce(0, +)
                server.loop.advanceTime(by: .microseconds(500))
            }
        }
        server.loop.advanceTime(by: .milliseconds(500))
        requests += try server.answer { _ in Self.down }.values.reduce(0, +)
        // All within a window: a fifth of the calls, and 100 however few there are.
        #expect(requests <= 500 + 100 + 100)
        #expect(requests > 500 + 100)
    }
}

extension RawServer {
    /// Answers everything; `refuser` refuses.
    fileprivate func answer(status refuser: String) throws -> [String: Int] {
        try answer { $0 == refuser ? RPCError(.unavailable, "busy", isNotProcessed: true) : nil }
    }
}

/// The budget, by itself.
@Suite struct RetryBudgetTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    @Test func aHundredAreFreeAndAFifthOfTheCallsComesOnTop() {
        let count = RecentCount()
        let budget = RetryBudget(calls: [count])
        #expect((0..<200).count { _ in budget.takeRetry(at: start) } == 100)
        for _ in 0..<50 { count.add(at: start) }
        #expect(budget.left(at: start) == 10)
        #expect((0..<200).count { _ in budget.takeRetry(at: start) } == 10)
    }

    @Test func whatWasSpentComesBackAfterTheWindow() {
        let budget = RetryBudget(calls: [RecentCount()])
        while budget.takeRetry(at: start) {}
        #expect(budget.left(at: start + .seconds(9)) == 0)
        #expect(budget.left(at: start + .seconds(10)) == 100)
    }

    @Test func theCallsOfAllLoopsCount() {
        let counts = [RecentCount(), RecentCount()]
        let budget = RetryBudget(calls: counts)
        for count in counts { for _ in 0..<100 { count.add(at: start) } }
        #expect(budget.left(at: start) == 140)
    }

    @Test func hedgesAreATwentiethOfTheCallsAndShareTheBudget() {
        let count = RecentCount()
        let budget = RetryBudget(calls: [count])
        #expect(!budget.takeHedge(at: start))
        for _ in 0..<100 { count.add(at: start) }
        #expect((0..<100).count { _ in budget.takeHedge(at: start) } == 5)
        #expect(budget.left(at: start) == 115)
        while budget.takeRetry(at: start) {}
        for _ in 0..<20 { count.add(at: start + .seconds(1)) }
        #expect((0..<100).count { _ in budget.takeHedge(at: start + .seconds(1)) } == 1)
    }

    @Test func aCountForgetsWhatIsTenSecondsOld() {
        let count = RecentCount()
        for second in Int64(0)..<40 {
            count.add(at: start + .seconds(second))
            #expect(count.sum(at: start + .seconds(second)) == min(Int(second) + 1, 10))
        }
        #expect(count.sum(at: start + .seconds(1000)) == 0)
    }
}
