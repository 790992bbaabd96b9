import NIOCore
import NIOEmbedded
import Testing

@testable import RPC

/// Second tries of calls that take long.
@Suite struct HedgeTests {
    private static let two = ["10.0.0.1", "10.0.0.2"]
    private static let down = RPCError(.unavailable, "down")
    private static let hedged = CallOptions(retries: false, hedges: true)

    private func begin(
        _ server: RawServer,
        _ options: CallOptions = hedged
    ) -> Outcome<EchoMessage> {
        server.startUnary(EchoMessage(body: [7]), options)
    }

    /// A server whose answers take 10 ms, as 100 calls have shown.
    private func known(_ hosts: [String] = two) throws -> RawServer {
        let server = try RawServer(hosts: hosts)
        for _ in 0..<100 {
            _ = begin(server)
            try server.answer(after: .milliseconds(10))
        }
        return server
    }

    /// The host that got a REQUEST since the last look, and the REQUEST.
    private func request(_ server: RawServer) throws -> (host: String, frame: Frame)? {
        for (host, channel) in zip(server.hosts, server.channels) {
            let frames = try server.received(on: channel)
            if let frame = frames.first(where: { $0.type == .request }) { return (host, frame) }
        }
        return nil
    }

    private func answer(
        _ server: RawServer,
        _ request: (host: String, frame: Frame),
        _ byte: UInt8
    ) throws {
        try server.send(
            .response,
            .message,
            stream: request.frame.stream,
            payload: [0x0a, 1, byte],
            on: server.channel(request.host)
        )
    }

    private func fail(
        _ server: RawServer,
        _ request: (host: String, frame: Frame),
        _ error: RPCError
    ) throws {
        try server.send(
            .response,
            stream: request.frame.stream,
            header: error.statusHeader(),
            on: server.channel(request.host)
        )
    }

    @Test func aCallThatTakesLongGoesToAnotherReplicaAsWell() throws {
        let server = try known()
        let outcome = begin(server)
        let first = try #require(try request(server))
        #expect(try first.frame.head.attempt == 0)
        server.loop.advanceTime(by: .milliseconds(9))
        #expect(try request(server) == nil)
        // Known to within an eighth.
        server.loop.advanceTime(by: .milliseconds(3))
        let second = try #require(try request(server))
        #expect(second.host != first.host)
        #expect(try second.frame.head.attempt == 1)
        #expect(second.frame.payload == first.frame.payload)
        try answer(server, second, 9)
        #expect(outcome.success == EchoMessage(body: [9]))
        let loser = try server.received(on: server.channel(first.host))
        #expect(loser.map(\.type) == [.reset])
    }

    @Test func theFirstTryMayStillWin() throws {
        let server = try known()
        let outcome = begin(server)
        let first = try #require(try request(server))
        server.loop.advanceTime(by: .milliseconds(12))
        let second = try #require(try request(server))
        try answer(server, first, 8)
        #expect(outcome.success == EchoMessage(body: [8]))
        let loser = try server.received(on: server.channel(second.host))
        #expect(loser.map(\.type) == [.reset])
    }

    @Test func aTryThatFailsLeavesTheOtherToDecide() throws {
        let server = try known()
        for failsFirst in [true, false] {
            let outcome = begin(server)
            let first = try #require(try request(server))
            server.loop.advanceTime(by: .milliseconds(12))
            let second = try #require(try request(server))
            try fail(server, failsFirst ? first : second, Self.down)
            #expect(outcome.value == nil)
            try answer(server, failsFirst ? second : first, 9)
            #expect(outcome.success == EchoMessage(body: [9]))
        }
    }

    @Test func whenBothFailTheFirstErrorIsTheCalls() throws {
        let server = try known()
        let outcome = begin(server)
        let first = try #require(try request(server))
        server.loop.advanceTime(by: .milliseconds(12))
        let second = try #require(try request(server))
        try fail(server, first, Self.down)
        try fail(server, second, RPCError(.unavailable, "down as well"))
        #expect(outcome.error == Self.down)
    }

    @Test func anAnswerThatIsAnErrorOfTheCallEndsIt() throws {
        let server = try known()
        let outcome = begin(server)
        let first = try #require(try request(server))
        server.loop.advanceTime(by: .milliseconds(12))
        let second = try #require(try request(server))
        try fail(server, second, RPCError(.notFound, "none"))
        #expect(outcome.error == RPCError(.notFound, "none"))
        let loser = try server.received(on: server.channel(first.host))
        #expect(loser.map(\.type) == [.reset])
    }

    @Test func aCallerThatLeavesEndsBoth() throws {
        let server = try known()
        let outcome = begin(server)
        let first = try #require(try request(server))
        server.loop.advanceTime(by: .milliseconds(12))
        let second = try #require(try request(server))
        outcome.task?.cancel()
        server.loop.run()
        #expect(outcome.error?.code == .cancelled)
        for host in [first.host, second.host] {
            let frames = try server.received(on: server.channel(host))
            #expect(frames.map(\.type) == [.reset])
        }
    }

    @Test func theDeadlineEndsBoth() throws {
        let server = try known()
        var options = Self.hedged
        options.timeout = .milliseconds(50)
        let outcome = begin(server, options)
        _ = try #require(try request(server))
        server.loop.advanceTime(by: .milliseconds(12))
        let second = try #require(try request(server))
        let left = try second.frame.head.timeoutMicroseconds
        #expect((38_000...40_000).contains(left))
        server.loop.advanceTime(by: .milliseconds(40))
        #expect(outcome.error?.code == .deadlineExceeded)
    }

    @Test func withoutBeingAskedNothingIsHedged() throws {
        let server = try known()
        _ = begin(server, CallOptions())
        _ = try #require(try request(server))
        server.loop.advanceTime(by: .seconds(1))
        #expect(try request(server) == nil)
    }

    @Test func oneReplicaAloneIsNotAskedTwice() throws {
        let server = try known(["10.0.0.1"])
        _ = begin(server)
        _ = try #require(try request(server))
        server.loop.advanceTime(by: .seconds(1))
        #expect(try request(server) == nil)
    }

    @Test func aTwentiethOfTheCallsIsHedgedAtMost() throws {
        let server = try known()
        var seconds = 0
        for _ in 0..<100 {
            _ = begin(server)
            let first = try #require(try request(server))
            server.loop.advanceTime(by: .milliseconds(12))
            if try request(server) != nil { seconds += 1 }
            try answer(server, first, 1)
        }
        // Of 200 calls within the window.
        #expect(seconds <= 10)
        #expect(seconds >= 5)
    }
}

/// What is known of a method's latency.
@Suite struct LatencyHistogramTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test func tooFewAnswersSayNothing() {
        var histogram = LatencyHistogram(now: start)
        for _ in 0..<19 { histogram.record(.milliseconds(1), at: start) }
        #expect(histogram.p95(at: start) == nil)
        histogram.record(.milliseconds(1), at: start)
        #expect(histogram.p95(at: start) != nil)
    }

    @Test(arguments: [
        TimeAmount.zero, .nanoseconds(900), .microseconds(7), .microseconds(8), .microseconds(9),
        .microseconds(1000), .milliseconds(33), .seconds(1), .seconds(200),
    ])
    func aTimeIsKnownToWithinAnEighth(_ time: TimeAmount) throws {
        var histogram = LatencyHistogram(now: start)
        for _ in 0..<20 { histogram.record(time, at: start) }
        let known = try #require(histogram.p95(at: start)).nanoseconds
        #expect(known > time.nanoseconds)
        #expect(known <= time.nanoseconds + max(1024, time.nanoseconds / 8 + 1024))
    }

    @Test func oneIn20MayBeSlower() throws {
        var histogram = LatencyHistogram(now: start)
        for _ in 0..<95 { histogram.record(.milliseconds(1), at: start) }
        for _ in 0..<5 { histogram.record(.seconds(1), at: start) }
        #expect(try #require(histogram.p95(at: start)) < .milliseconds(2))
        histogram.record(.seconds(1), at: start)
        histogram.record(.seconds(1), at: start)
        #expect(try #require(histogram.p95(at: start)) > .seconds(1))
    }

    @Test func whatIsOldIsForgotten() throws {
        var histogram = LatencyHistogram(now: start)
        for _ in 0..<100 { histogram.record(.seconds(1), at: start) }
        let later = start + .seconds(10)
        for _ in 0..<100 { histogram.record(.milliseconds(1), at: later) }
        #expect(try #require(histogram.p95(at: later)) > .seconds(1))
        #expect(try #require(histogram.p95(at: later + .seconds(10))) < .milliseconds(2))
        #expect(histogram.p95(at: later + .seconds(20)) == nil)
    }

    @Test func noTimeIsTooLong() {
        var histogram = LatencyHistogram(now: start)
        for _ in 0..<20 { histogram.record(.hours(1_000_000), at: start) }
        #expect(histogram.p95(at: start) != nil)
    }
}
