import NIOCore
import NIOEmbedded
import Testing

@testable import RPC

/// What a server does because time passes, on a clock set by hand.
@Suite struct ServerTimeTests {
    @Test func aHandlerThatOverrunsIsAnsweredForAndCancelled() throws {
        let raw = try RawConnection([StubbornService()])
        try raw.request(1, "ServerStream", timeoutMicroseconds: 500_000)
        raw.loop.advanceTime(by: .milliseconds(499))
        #expect(try raw.received().isEmpty)
        raw.loop.advanceTime(by: .milliseconds(1))
        let answer = try raw.receivedOne()
        #expect(answer.type == .response)
        #expect(try answer.status?.code == .deadlineExceeded)
        #expect(try answer.status?.isNotProcessed == false)
        #expect(raw.connection.state.streams.count == 0)
    }

    @Test func deadlinesPassInTheirOrderWhateverTheOrderOfTheCalls() throws {
        let raw = try RawConnection([StubbornService()])
        for (id, milliseconds) in [(1, 300), (3, 100), (5, 200)] as [(UInt32, UInt64)] {
            try raw.request(id, "ServerStream", timeoutMicroseconds: milliseconds * 1000)
        }
        for id in [3, 5, 1] as [UInt32] {
            raw.loop.advanceTime(by: .milliseconds(100))
            #expect(try raw.receivedOne().stream == id)
        }
    }

    @Test func withoutTimeoutTheMethodsOwnLimitHolds() throws {
        let raw = try RawConnection([StubbornService()])
        try raw.request(1, "Unary")
        // The client shows that it is alive, so that keepalive has nothing to say.
        raw.loop.advanceTime(by: .milliseconds(9_999))
        #expect(try raw.received().isEmpty)
        raw.loop.advanceTime(by: .milliseconds(1))
        #expect(try raw.receivedOne().status?.code == .deadlineExceeded)
    }

    @Test func aCallWhoseTimeIsUpIsNotStarted() {
        var state = openState()
        let now = NIODeadline.uptimeNanoseconds(5_000_000)
        let late = state.receive(
            .frame(echoRequest(1, timeoutMicroseconds: 1000)),
            readAt: now - .milliseconds(1),
            now: now
        )
        guard case .answer(1, let error) = late else {
            Issue.record("\(late)")
            return
        }
        #expect(error.code == .deadlineExceeded)
        #expect(error.isNotProcessed)
        let inTime = state.receive(
            .frame(echoRequest(3, timeoutMicroseconds: 1001)),
            readAt: now - .milliseconds(1),
            now: now
        )
        guard case .start(_, let call) = inTime else {
            Issue.record("\(inTime)")
            return
        }
        #expect(call.deadline == now + .microseconds(1))
    }

    @Test func aTimeoutOfEternityIsCut() {
        var state = openState()
        let action = state.receive(
            .frame(echoRequest(1, timeoutMicroseconds: .max)),
            readAt: .uptimeNanoseconds(0),
            now: .uptimeNanoseconds(0)
        )
        guard case .start(_, let call) = action else {
            Issue.record("\(action)")
            return
        }
        #expect(call.deadline == .uptimeNanoseconds(0) + TimeAmount(Limits.callTimeoutMax))
    }

    @Test func aSilentClientIsAskedAndThenGivenUp() throws {
        let raw = try RawConnection([StubbornService()])
        try raw.request(1, "Bidi", [])
        raw.loop.advanceTime(by: .seconds(15))
        let ping = try raw.receivedOne()
        #expect(ping.type == .ping)
        #expect(ping.flags == [])
        raw.loop.advanceTime(by: .milliseconds(4_999))
        #expect(!raw.isClosed)
        raw.loop.advanceTime(by: .milliseconds(1))
        #expect(raw.isClosed)
        #expect(raw.connection.state.streams.count == 0)
    }

    @Test func aClientThatAnswersIsKept() throws {
        let raw = try RawConnection([StubbornService()])
        try raw.request(1, "Bidi", [])
        raw.loop.advanceTime(by: .seconds(15))
        let ping = try raw.receivedOne()
        try raw.send(.ping, .ack, payload: Array(ping.payload.readableBytesView))
        raw.loop.advanceTime(by: .seconds(14))
        #expect(!raw.isClosed)
        #expect(try raw.received().isEmpty)
        try raw.close()
    }

    @Test func anIdleConnectionIsNotAsked() throws {
        let raw = try RawConnection()
        try raw.expectStillWorks(1)
        raw.loop.advanceTime(by: .hours(24))
        #expect(try raw.received().isEmpty)
        #expect(!raw.isClosed)
    }

    @Test func tooManyPingsWithoutStreamsEndTheConnection() throws {
        let raw = try RawConnection()
        for _ in 0..<3 {
            try raw.send(.ping, payload: Array(repeating: 1, count: 8))
            #expect(try raw.receivedOne().type == .ping)
        }
        try raw.send(.ping, payload: Array(repeating: 1, count: 8))
        try raw.expectGoAway(.resourceExhausted)
    }
}

/// Draining, frame by frame.
@Suite struct DrainTests {
    @Test func callsUpToTheAcknowledgementAreServedAndThenTheConnectionCloses() throws {
        let raw = try RawConnection([StubbornService()])
        try raw.request(1, "Bidi", [.end], timeoutMicroseconds: 9_000_000)
        raw.connection.beginDrain(limit: raw.loop.now + .seconds(60))
        #expect(try raw.receivedOne().type == .drain)
        try raw.request(3, "Unary", timeoutMicroseconds: 1_000_000)
        try raw.send(.drain, .ack)
        #expect(!raw.isClosed)
        raw.loop.advanceTime(by: .seconds(1))
        #expect(try raw.receivedOne().stream == 3)
        #expect(!raw.isClosed)
        try raw.send(.reset, stream: 1, header: RPCError(.cancelled, "").statusHeader())
        #expect(raw.isClosed)
        #expect(try raw.received().isEmpty)
    }

    @Test func aRequestAfterTheAcknowledgementIsNotProcessed() throws {
        let raw = try RawConnection([StubbornService()])
        try raw.request(1, "Unary")
        raw.connection.beginDrain(limit: raw.loop.now + .seconds(60))
        #expect(try raw.receivedOne().type == .drain)
        try raw.send(.drain, .ack)
        try raw.request(3)
        let status = try raw.expectReset(3, .unavailable)
        #expect(status?.isNotProcessed == true)
        try raw.close()
    }

    @Test func anIdleConnectionClosesWithTheAcknowledgement() throws {
        let raw = try RawConnection()
        raw.connection.beginDrain(limit: raw.loop.now + .seconds(60))
        #expect(try raw.receivedOne().type == .drain)
        #expect(!raw.isClosed)
        try raw.send(.drain, .ack)
        #expect(raw.isClosed)
    }

    @Test func aClientThatDoesNotAcknowledgeIsSentAwayAfter5Seconds() throws {
        let raw = try RawConnection()
        raw.connection.beginDrain(limit: raw.loop.now + .seconds(60))
        #expect(try raw.receivedOne().type == .drain)
        raw.loop.advanceTime(by: .seconds(5))
        try raw.expectGoAway(.unavailable)
    }

    @Test func callsWithoutEndAreToldToCallElsewhere() throws {
        let raw = try RawConnection([EndlessService()])
        try raw.request(1, "ServerStream")
        raw.connection.beginDrain(limit: raw.loop.now + .seconds(60))
        #expect(try raw.receivedOne().type == .drain)
        try raw.send(.drain, .ack)
        let answer = try raw.receivedOne()
        #expect(answer.type == .response)
        #expect(try answer.status?.code == .unavailable)
        #expect(raw.isClosed)
    }

    @Test func theLimitOfTheDrainCancelsWhatIsLeft() throws {
        let raw = try RawConnection([StubbornService()])
        try raw.request(1, "Unary", timeoutMicroseconds: 60_000_000)
        raw.connection.beginDrain(limit: raw.loop.now + .seconds(3))
        #expect(try raw.receivedOne().type == .drain)
        try raw.send(.drain, .ack)
        raw.loop.advanceTime(by: .seconds(3))
        try raw.expectGoAway(.unavailable)
        #expect(raw.connection.state.streams.count == 0)
    }
}

/// A state that has the client's HELLO.
func openState(streams: Int = Limits.streamsDefault) -> ServerConnectionState {
    var state = ServerConnectionState(
        methods: MethodTable(EchoService().methods),
        own: Announcement(streams: streams),
        now: .uptimeNanoseconds(0)
    )
    let hello = Frame(type: .hello, header: ByteBuffer(bytes: Announcement().helloHeader()))
    _ = state.receive(.frame(hello), readAt: .uptimeNanoseconds(0), now: .uptimeNanoseconds(0))
    return state
}

/// REQUEST for the echo's unary method.
func echoRequest(_ id: UInt32, timeoutMicroseconds: UInt64 = 0) -> Frame {
    var header = ByteBuffer()
    header.writeRequestHead(
        path: "pass.rpc.v1.Echo/Unary",
        timeoutMicroseconds: timeoutMicroseconds,
        metadata: Metadata()
    )
    return Frame(type: .request, flags: [.message, .end], stream: id, header: header)
}
