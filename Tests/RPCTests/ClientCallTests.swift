import NIOCore
import NIOEmbedded
import Testing

@testable import RPC

/// A client's calls, frame by frame.
@Suite struct ClientCallTests {
    @Test func theRequestGoesOutRightBehindHello() throws {
        let server = try RawServer()
        server.saysHello = false
        let outcome = server.startUnary(EchoMessage(body: [5]))
        let channel = try server.channel
        server.loop.run()
        let first = try #require(try channel.readOutbound(as: ByteBuffer.self))
        var input = FrameInput(payloadBytesMax: 1000)
        input.append(first, allocator: ByteBufferAllocator())
        guard case .frame(let hello)? = input.next(), case .frame(let request)? = input.next()
        else {
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
        let server = try RawServer()
        for _ in 0..<3 { _ = server.startUnary() }
        #expect(try server.received().map(\.stream) == [1, 3, 5])
    }

    @Test func theTimeoutOnTheWireIsWhatIsLeft() throws {
        let server = try RawServer()
        server.failures = 1
        let options = CallOptions(timeout: .seconds(2), waitsForConnection: true)
        _ = server.startUnary(EchoMessage(), options)
        server.loop.advanceTime(by: .milliseconds(100))
        let request = try #require(try server.received().first)
        #expect(try request.head.timeoutMicroseconds == 1_900_000)
    }

    @Test func aCallMadeByAHandlerInheritsWhatIsLeftLessAMargin() throws {
        let server = try RawServer()
        let inherited = InheritedDeadline(server.loop.now + .milliseconds(500))
        _ = server.start { client in
            try await InheritedDeadline.$current.withValue(inherited) {
                try await client.unary(EchoMethods.unary, EchoMessage())
            }
        }
        let request = try #require(try server.received().first)
        #expect(try request.head.timeoutMicroseconds == 498_000)
    }

    @Test func atItsDeadlineTheClientGivesUpAndResets() throws {
        let server = try RawServer()
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
        let server = try RawServer()
        let outcome = server.startUnary()
        #expect(try server.received().count == 1)
        outcome.task?.cancel()
        let reset = try #require(try server.received().first)
        #expect(reset.type == .reset)
        #expect(try reset.status?.code == .cancelled)
        #expect(outcome.error?.code == .cancelled)
    }

    @Test func aCallWithoutTimeLeftIsNotSent() throws {
        let server = try RawServer()
        let outcome = server.startUnary(EchoMessage(), CallOptions(timeout: .zero))
        #expect(outcome.error?.code == .deadlineExceeded)
        #expect(outcome.error?.isNotProcessed == true)
        #expect(server.attempts == 0)
    }

    @Test func aMessageThatTheServerWouldRefuseIsNotSent() throws {
        let server = try RawServer()
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
        let server = try RawServer()
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
        let server = try RawServer()
        let outcome = server.startUnary()
        _ = try server.received()
        try server.send(.response, stream: 1)
        #expect(outcome.error?.code == .internal)
    }

    @Test func aMessageForAUnaryCallIsAStreamFault() throws {
        let server = try RawServer()
        let outcome = server.startUnary()
        _ = try server.received()
        try server.send(.message, .message, stream: 1)
        #expect(outcome.error?.code == .internal)
        #expect(try server.received().map(\.type) == [.reset])
    }

    @Test func anAnswerLargerThanAnnouncedEndsItsCallOnly() throws {
        let server = try RawServer()
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
        let server = try RawServer()
        let outcome = server.startUnary()
        _ = try server.received()
        try server.send(type, stream: stream)
        #expect(try server.received().map(\.type) == [.goAway])
        #expect(outcome.error?.code == .unavailable)
        #expect(outcome.error?.isNotProcessed == false)
    }

    @Test func aLargerWindowCountsForStreamsAlreadyOpen() throws {
        let server = try RawServer()
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

    @Test func aLastMessageWithoutItsFlagIsNotLostSilently() throws {
        let server = try RawServer()
        let outcome = server.start { client in
            try await client.serverStream(EchoMethods.serverStream, EchoMessage()) { stream in
                try await stream.reduce(into: 0) { count, _ in count += 1 }
            }
        }
        #expect(try server.received().map(\.type) == [.request])
        try server.send(.response, stream: 1, payload: [0x0a, 1, 9])
        #expect(outcome.error?.code == .internal)
        #expect(try server.received().map(\.type) == [.reset])
    }

    @Test func leavingAStreamEarlyResetsIt() throws {
        let server = try RawServer()
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
