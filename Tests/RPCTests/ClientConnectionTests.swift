import NIOCore
import NIOEmbedded
import Testing

@testable import RPC

/// What a client does with its connections.
@Suite struct ClientConnectionTests {
    @Test func anAskedForConnectionIsKept() throws {
        let server = try RawServer()
        for _ in 0..<3 { _ = server.startUnary() }
        #expect(server.attempts == 1)
    }

    @Test func callsWaitForAFreeStream() throws {
        let server = try RawServer()
        server.announcement.streams = 2
        let outcomes = (0..<4).map { _ in server.startUnary() }
        #expect(try server.received().map(\.stream) == [1, 3])
        try server.send(.response, .message, stream: 3)
        #expect(try server.received().map(\.stream) == [5])
        #expect(outcomes[1].success != nil)
        outcomes[2].task?.cancel()
        #expect(try server.received().map(\.type) == [.reset, .request])
        #expect(server.attempts == 1)
    }

    @Test func aWaitingCallEndsAtItsDeadline() throws {
        let server = try RawServer()
        server.announcement.streams = 1
        _ = server.startUnary(EchoMessage(), CallOptions(timeout: .seconds(9)))
        let second = server.startUnary(EchoMessage(), CallOptions(timeout: .seconds(1)))
        _ = try server.received()
        server.loop.advanceTime(by: .seconds(1))
        #expect(second.error?.code == .deadlineExceeded)
        #expect(second.error?.isNotProcessed == true)
        #expect(try server.received().isEmpty)
    }

    @Test func aWaitingCallThatIsCancelledIsNeverSent() throws {
        let server = try RawServer()
        server.announcement.streams = 1
        _ = server.startUnary()
        let second = server.startUnary()
        second.task?.cancel()
        server.loop.run()
        #expect(second.error?.code == .cancelled)
        _ = try server.received()
        try server.send(.response, .message, stream: 1)
        #expect(try server.received().isEmpty)
    }

    @Test func noMoreCallsWaitThanTheLimit() throws {
        let server = try RawServer()
        server.announcement.streams = 1
        let outcomes = (0..<Limits.queuedCallsMax + 2).map { _ in server.startUnary() }
        #expect(outcomes.last?.error?.code == .resourceExhausted)
        #expect(outcomes.last?.error?.isNotProcessed == true)
        #expect(outcomes.dropLast().allSatisfy { $0.value == nil })
        outcomes.first?.task?.cancel()
        server.loop.run()
    }

    @Test func aLostConnectionFailsItsCallsAndTheNextCallConnectsAgain() throws {
        let server = try RawServer()
        let first = server.startUnary()
        #expect(try server.received().count == 1)
        try server.disconnect()
        #expect(first.error?.code == .unavailable)
        #expect(first.error?.isNotProcessed == false)
        let second = server.startUnary()
        #expect(server.attempts == 2)
        try server.send(.response, .message, stream: 1)
        #expect(second.success != nil)
    }

    @Test func aRequestThatHadNotLeftIsNotProcessed() throws {
        let server = try RawServer()
        _ = server.startUnary()
        #expect(try server.received().count == 1)
        let options = CallOptions(retries: false)
        let outcome = Outcome<EchoMessage>()
        let client = server.client
        let executor = EventLoopExecutor(eventLoop: server.loop)
        // Without a turn of the loop in between, REQUEST is in the buffer and not flushed.
        outcome.task = Task.immediate(executorPreference: executor) {
            do {
                let answer = try await client.unary(
                    EchoMethods.unary,
                    EchoMessage(),
                    options: options
                )
                outcome.value = .success(answer)
            } catch {
                outcome.value = .failure(error)
            }
        }
        try server.disconnect()
        #expect(outcome.error?.code == .unavailable)
        #expect(outcome.error?.isNotProcessed == true)
    }

    @Test func withoutConnectionACallFailsAtOnceOrWaitsAsItSays() throws {
        let server = try RawServer()
        server.failures = 1
        let first = server.startUnary()
        #expect(first.error?.code == .unavailable)
        #expect(first.error?.isNotProcessed == true)
        let second = server.startUnary()
        #expect(second.error?.code == .unavailable)
        #expect(server.attempts == 1)
        let patient = server.startUnary(EchoMessage(), CallOptions(waitsForConnection: true))
        #expect(patient.value == nil)
        server.loop.advanceTime(by: .milliseconds(100))
        #expect(server.attempts == 2)
        try server.send(.response, .message, stream: 1)
        #expect(patient.success != nil)
    }

    @Test(arguments: [(0.0, 1.0), (1.0, 1.2), (-1.0, 0.8)])
    func theWaitBetweenAttemptsGrowsTo10Seconds(jitter: Double, factor: Double) throws {
        let server = try RawServer(jitter: jitter)
        server.failures = 100
        let options = CallOptions(timeout: .seconds(1000), waitsForConnection: true)
        _ = server.startUnary(EchoMessage(), options)
        var expected = 0.1
        for attempt in 1...14 {
            #expect(server.attempts == attempt)
            let wait = Int64(min(expected, 10) * factor * 1e9)
            server.loop.advanceTime(by: .nanoseconds(wait - 1_000))
            #expect(server.attempts == attempt)
            server.loop.advanceTime(by: .nanoseconds(1_000))
            expected *= 1.6
        }
    }

    @Test func onlyTheServersHelloResetsTheWait() throws {
        let server = try RawServer()
        server.saysHello = false
        // The connection opens, but HELLO never comes: that is a failure like any other.
        _ = server.startUnary()
        try server.disconnect()
        let impatient = server.startUnary()
        #expect(impatient.error?.code == .unavailable)
        #expect(server.attempts == 1)
        server.loop.advanceTime(by: .milliseconds(100))
        server.saysHello = true
        _ = server.startUnary()
        #expect(server.attempts == 2)
        try server.disconnect()
        _ = server.startUnary()
        #expect(server.attempts == 3)
    }

    @Test func withoutHelloIn5SecondsTheConnectionIsGivenUp() throws {
        let server = try RawServer()
        server.saysHello = false
        let outcome = server.startUnary()
        server.loop.advanceTime(by: .seconds(5))
        #expect(outcome.error?.code == .unavailable)
        #expect(try !server.channel.isActive)
    }

    @Test func drainIsAcknowledgedAndLaterCallsGoElsewhere() throws {
        let server = try RawServer()
        let first = server.startUnary()
        let old = try server.channel
        #expect(try server.received().count == 1)
        try server.send(.drain)
        let answer = try #require(try server.received().first)
        #expect(answer.type == .drain)
        #expect(answer.flags == .ack)
        let second = server.startUnary()
        #expect(server.attempts == 2)
        #expect(try server.received(on: old).isEmpty)
        try server.send(.response, .message, stream: 1, on: old)
        #expect(first.success != nil)
        try server.send(.response, .message, stream: 1)
        #expect(second.success != nil)
    }

    @Test func goAwayEndsTheCallsWithItsReason() throws {
        let server = try RawServer()
        let outcome = server.startUnary()
        _ = try server.received()
        try server.send(.goAway, header: RPCError(.resourceExhausted, "enough").statusHeader())
        #expect(outcome.error?.code == .unavailable)
        #expect(outcome.error?.message.contains("enough") == true)
        #expect(try !server.channel.isActive)
        _ = server.startUnary()
        #expect(server.attempts == 2)
    }

    @Test func aSilentServerIsAskedAndThenGivenUp() throws {
        let server = try RawServer()
        let options = CallOptions(timeout: .seconds(60), retries: false)
        let outcome = server.startUnary(EchoMessage(), options)
        _ = try server.received()
        server.loop.advanceTime(by: .seconds(15))
        #expect(try server.received().map(\.type) == [.ping])
        server.loop.advanceTime(by: .seconds(5))
        #expect(outcome.error?.code == .unavailable)
        #expect(try !server.channel.isActive)
    }

    @Test func aServerThatAsksAndDoesNotReadGetsNoAnswers() throws {
        let server = try RawServer()
        let outcome = server.startUnary()
        _ = try server.received()
        let channel = try server.channel
        channel.isWritable = false
        for _ in 0..<1_000 { try server.send(.ping, payload: [0, 0, 0, 0, 0, 0, 0, 1]) }
        #expect(try server.received().isEmpty)
        channel.isWritable = true
        try server.send(.ping, payload: [0, 0, 0, 0, 0, 0, 0, 2])
        #expect(try server.received().map(\.payload) == [ByteBuffer(integer: UInt64(2))])
        try server.send(.response, .message, stream: 1)
        #expect(outcome.success != nil)
    }

    @Test func afterTheLastIdNoStreamOpens() {
        let now = NIODeadline.uptimeNanoseconds(0)
        var state = ClientConnectionState(
            own: Announcement(),
            now: now,
            firstID: Limits.streamIDLast
        )
        #expect(state.canOpen)
        let (slot, id) = state.open(
            .unary,
            deadline: .distantFuture,
            isRequestEnded: true,
            now: now
        )
        #expect(id == (1 << 31) - 1)
        #expect(!state.takesStreams)
        #expect(state.isSpent)
        state.close(slot)
        #expect(!state.canOpen)
    }
}
