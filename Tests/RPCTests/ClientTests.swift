import NIOCore
import NIOEmbedded
import Testing

@testable import RPC

/// A client's calls, frame by frame.
@Suite struct ClientCallTests {
    @Test func theRequestGoesOutRightBehindHello() throws {
        let server = RawServer()
        server.saysHello = false
        let outcome = server.startUnary(EchoMessage(body: [5]))
        let channel = try server.channel
        server.loop.run()
        let first = try #require(try channel.readOutbound(as: ByteBuffer.self))
        var input = FrameInput(payloadBytesMax: 1000)
        input.append(first, allocator: ByteBufferAllocator())
        guard case .frame(let hello)? = input.next(), case .frame(let request)? = input.next() else {
            Issue.record("HELLO and REQUEST are not in one flush")
            return
        }
        #expect(hello.type == .hello)
        #expect(request.type == .request)
        #expect(request.stream == 1)
        #expect(request.flags == [.message, .end, .idempotent])
        #expect(String(buffer: try request.head.path) == "pass.rpc.v1.Echo/Unary")
        try server.hello()
        try server.send(.response, .message, stream: 1, payload: [0x0a, 1, 6])
        #expect(outcome.success == EchoMessage(body: [6]))
    }

    @Test func idsAreOddAndRise() throws {
        let server = RawServer()
        for _ in 0..<3 { _ = server.startUnary() }
        #expect(try server.received().map(\.stream) == [1, 3, 5])
    }

    @Test func theTimeoutOnTheWireIsWhatIsLeft() throws {
        let server = RawServer()
        server.failures = 1
        let options = CallOptions(timeout: .seconds(2), waitsForConnection: true)
        _ = server.startUnary(EchoMessage(), options)
        server.loop.advanceTime(by: .milliseconds(100))
        let request = try #require(try server.received().first)
        #expect(try request.head.timeoutMicroseconds == 1_900_000)
    }

    @Test func aCallMadeByAHandlerInheritsWhatIsLeftLessAMargin() throws {
        let server = RawServer()
        let inherited = server.loop.now + .milliseconds(500)
        _ = server.start { client in
            try await CallContext.$inheritedDeadline.withValue(inherited) {
                try await client.unary(EchoMethods.unary, EchoMessage())
            }
        }
        let request = try #require(try server.received().first)
        #expect(try request.head.timeoutMicroseconds == 498_000)
    }

    @Test func atItsDeadlineTheClientGivesUpAndResets() throws {
        let server = RawServer()
        let outcome = server.startUnary(EchoMessage(), CallOptions(timeout: .milliseconds(50)))
        #expect(try server.received().map(\.type) == [.request])
        server.loop.advanceTime(by: .milliseconds(50))
        #expect(outcome.error?.code == .deadlineExceeded)
        let reset = try #require(try server.received().first)
        #expect(reset.type == .reset)
        #expect(try reset.status?.code == .cancelled)
        // The answer crosses the RESET on its way, and is dropped.
        try server.send(.response, .message, stream: 1)
        #expect(try server.received().isEmpty)
    }

    @Test func aCancelledTaskResetsItsCall() throws {
        let server = RawServer()
        let outcome = server.startUnary()
        #expect(try server.received().count == 1)
        outcome.task?.cancel()
        let reset = try #require(try server.received().first)
        #expect(reset.type == .reset)
        #expect(try reset.status?.code == .cancelled)
        #expect(outcome.error?.code == .cancelled)
    }

    @Test func aCallWithoutTimeLeftIsNotSent() throws {
        let server = RawServer()
        let outcome = server.startUnary(EchoMessage(), CallOptions(timeout: .zero))
        #expect(outcome.error?.code == .deadlineExceeded)
        #expect(outcome.error?.isNotProcessed == true)
        #expect(server.attempts == 0)
    }

    @Test func aMessageThatTheServerWouldRefuseIsNotSent() throws {
        let server = RawServer()
        let large = EchoMessage(body: Array(repeating: 0, count: Limits.messageBytesDefault))
        let outcome = server.startUnary(large)
        #expect(outcome.error?.code == .resourceExhausted)
        #expect(outcome.error?.isNotProcessed == true)
        #expect(try server.received().isEmpty)
        let next = server.startUnary()
        #expect(try server.received().map(\.stream) == [1])
        #expect(next.value == nil)
    }

    @Test func statusesCarryWhetherTheCallWasProcessed() throws {
        let server = RawServer()
        let outcome = server.startUnary()
        try server.send(
            .reset,
            .notProcessed,
            stream: 1,
            header: RPCError(.unavailable, "full").statusHeader()
        )
        #expect(outcome.error == RPCError(.unavailable, "full", isNotProcessed: true))
    }

    @Test func anAnswerWithoutItsMessageIsTheServersFault() throws {
        let server = RawServer()
        let outcome = server.startUnary()
        _ = try server.received()
        try server.send(.response, stream: 1)
        #expect(outcome.error?.code == .internal)
    }

    @Test func aMessageForAUnaryCallIsAStreamFault() throws {
        let server = RawServer()
        let outcome = server.startUnary()
        _ = try server.received()
        try server.send(.message, .message, stream: 1)
        #expect(outcome.error?.code == .internal)
        #expect(try server.received().map(\.type) == [.reset])
    }

    @Test func anAnswerLargerThanAnnouncedEndsItsCallOnly() throws {
        let server = RawServer()
        let outcome = server.startUnary()
        let other = server.startUnary()
        let size = Limits.messageBytesDefault + 1
        try server.channel.writeInbound(
            ByteBuffer(integers: UInt32(8 + size), type: 3, flags: 2, header: 0, stream: 1)
        )
        server.loop.run()
        #expect(outcome.error?.code == .resourceExhausted)
        try server.channel.writeInbound(ByteBuffer(repeating: 0, count: size))
        try server.send(.response, .message, stream: 3)
        #expect(other.success == EchoMessage())
    }

    @Test(arguments: [(FrameType.request, UInt32(2)), (.response, 7), (.message, 7), (.hello, 0)])
    func whatServersDoNotSendIsAConnectionFault(type: FrameType, stream: UInt32) throws {
        let server = RawServer()
        let outcome = server.startUnary()
        _ = try server.received()
        try server.send(type, stream: stream)
        #expect(try server.received().map(\.type) == [.goAway])
        #expect(outcome.error?.code == .unavailable)
        #expect(outcome.error?.isNotProcessed == false)
    }

    @Test func aLargerWindowCountsForStreamsAlreadyOpen() throws {
        let server = RawServer()
        server.saysHello = false
        server.announcement.windowBytes = Limits.windowBytesDefault * 2
        let message = EchoMessage(body: Array(repeating: 0, count: Limits.windowBytesDefault))
        let outcome = server.start { client in
            try await client.bidirectional(EchoMethods.bidi) { writer, _ in
                for _ in 0..<2 { try await writer.write(message) }
            }
        }
        #expect(try server.received().map(\.type) == [.request, .message])
        #expect(outcome.value == nil)
        try server.hello()
        #expect(try server.received().map(\.type) == [.message, .reset])
        #expect(outcome.success != nil)
    }

    @Test func leavingAStreamEarlyResetsIt() throws {
        let server = RawServer()
        let outcome = server.start { client in
            try await client.serverStream(EchoMethods.serverStream, EchoMessage()) { stream in
                for try await message in stream { return message.body }
                return []
            }
        }
        #expect(try server.received().map(\.type) == [.request])
        try server.send(.message, .message, stream: 1, payload: [0x0a, 1, 9])
        #expect(outcome.success == [9])
        #expect(try server.received().map(\.type) == [.reset])
    }
}

/// What a client does with its connections.
@Suite struct ClientConnectionTests {
    @Test func anAskedForConnectionIsKept() throws {
        let server = RawServer()
        for _ in 0..<3 { _ = server.startUnary() }
        #expect(server.attempts == 1)
    }

    @Test func callsWaitForAFreeStream() throws {
        let server = RawServer()
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
        let server = RawServer()
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
        let server = RawServer()
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
        let server = RawServer()
        server.announcement.streams = 1
        let outcomes = (0..<Limits.queuedCallsMax + 2).map { _ in server.startUnary() }
        #expect(outcomes.last?.error?.code == .resourceExhausted)
        #expect(outcomes.last?.error?.isNotProcessed == true)
        #expect(outcomes.dropLast().allSatisfy { $0.value == nil })
        outcomes.first?.task?.cancel()
        server.loop.run()
    }

    @Test func aLostConnectionFailsItsCallsAndTheNextCallConnectsAgain() throws {
        let server = RawServer()
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
        let server = RawServer()
        _ = server.startUnary()
        #expect(try server.received().count == 1)
        let options = CallOptions()
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
        let server = RawServer()
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
        let server = RawServer(jitter: jitter)
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
        let server = RawServer()
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
        let server = RawServer()
        server.saysHello = false
        let outcome = server.startUnary()
        server.loop.advanceTime(by: .seconds(5))
        #expect(outcome.error?.code == .unavailable)
        #expect(try !server.channel.isActive)
    }

    @Test func drainIsAcknowledgedAndLaterCallsGoElsewhere() throws {
        let server = RawServer()
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
        let server = RawServer()
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
        let server = RawServer()
        let outcome = server.startUnary(EchoMessage(), CallOptions(timeout: .seconds(60)))
        _ = try server.received()
        server.loop.advanceTime(by: .seconds(15))
        #expect(try server.received().map(\.type) == [.ping])
        server.loop.advanceTime(by: .seconds(5))
        #expect(outcome.error?.code == .unavailable)
        #expect(try !server.channel.isActive)
    }

    @Test func afterTheLastIdNoStreamOpens() {
        let now = NIODeadline.uptimeNanoseconds(0)
        var state = ClientConnectionState(
            own: Announcement(),
            now: now,
            firstID: Limits.streamIDLast
        )
        #expect(state.canOpen)
        let (slot, id) = state.open(.unary, deadline: .distantFuture, isRequestEnded: true, now: now)
        #expect(id == (1 << 31) - 1)
        #expect(!state.takesStreams)
        #expect(state.isSpent)
        state.close(slot)
        #expect(!state.canOpen)
    }
}
