import NIOCore
import NIOEmbedded
import Testing

@testable import RPC

/// Clients that keep a server busy, or waiting, at little cost to themselves.
@Suite struct FloodTests {
    private static let cancel = RPCError(.cancelled, "Never mind.").statusHeader()

    /// Opens and resets `count` streams, one by one; says whether the state ends the connection.
    private func resets(
        _ count: Int,
        _ state: inout ServerConnectionState,
        from first: UInt32,
        at now: NIODeadline
    ) -> Bool {
        for number in 0..<UInt32(count) {
            let id = first + 2 * number
            let opened = state.receive(.frame(echoRequest(id)), readAt: now, now: now)
            guard case .start(let slot, _) = opened else { return false }
            let reset = Frame(type: .reset, stream: id, header: ByteBuffer(bytes: Self.cancel))
            if case .goAway(let error) = state.receive(.frame(reset), readAt: now, now: now) {
                return error.code == .resourceExhausted
            }
            state.release(slot)
        }
        return false
    }

    @Test func moreThan200ResetsInOneSecondAreAFlood() {
        var state = openState()
        let now = NIODeadline.uptimeNanoseconds(0)
        #expect(!resets(200, &state, from: 1, at: now))
        #expect(resets(1, &state, from: 401, at: now + .milliseconds(999)))
    }

    @Test func resetsThatAreSpreadOutAreNone() {
        var state = openState()
        var now = NIODeadline.uptimeNanoseconds(0)
        for round in 0..<20 as Range<UInt32> {
            #expect(!resets(200, &state, from: 1 + round * 400, at: now))
            now = now + .seconds(1)
        }
    }

    @Test func resetsOfHalfTheStreamsAreNone() {
        var state = openState()
        let now = NIODeadline.uptimeNanoseconds(0)
        // Stays open, so that the resets are never more than half.
        _ = state.receive(.frame(echoRequest(1)), readAt: now, now: now)
        var id: UInt32 = 3
        for _ in 0..<300 {
            guard
                case .start(let slot, _) = state.receive(
                    .frame(echoRequest(id)),
                    readAt: now,
                    now: now
                )
            else {
                Issue.record("stream \(id) did not open")
                return
            }
            state.close(slot)
            state.release(slot)
            #expect(!resets(1, &state, from: id + 2, at: now))
            id += 4
        }
    }

    @Test func streamsOpenBeforeTheFirstResetCount() {
        var flood = ResetFlood()
        let now = NIODeadline.uptimeNanoseconds(0)
        for number in 0..<256 {
            let isFlood = flood.isFlood(resetAt: now, requests: 1000, open: 512 - number)
            #expect(!isFlood)
        }
        let isFlood = flood.isFlood(resetAt: now, requests: 1000, open: 256)
        #expect(isFlood)
    }

    @Test func resetsOfAnsweredCallsCountOnTheWireToo() throws {
        let raw = try RawConnection()
        for number in 0..<200 as Range<UInt32> {
            let id = 2 * number + 1
            try raw.request(id)
            try raw.send(.reset, stream: id, header: Self.cancel)
        }
        #expect(try raw.received().count == 200)
        try raw.request(401)
        try raw.send(.reset, stream: 401, header: Self.cancel)
        try raw.expectGoAway(.resourceExhausted)
    }

    @Test func aFrameThatDoesNotGoOnEndsTheConnectionAfter30Seconds() throws {
        let raw = try RawConnection()
        try raw.send(ByteBuffer(integers: 1_000, type: 2, flags: 3, header: 0, stream: 1))
        raw.loop.advanceTime(by: .milliseconds(29_999))
        #expect(!raw.isClosed)
        raw.loop.advanceTime(by: .milliseconds(1))
        try raw.expectGoAway(.deadlineExceeded)
    }

    @Test func aSlowSenderLives() throws {
        let raw = try RawConnection()
        var header = ByteBuffer()
        header.writeRequestHead(
            path: "pass.rpc.v1.Echo/Unary",
            timeoutMicroseconds: 0,
            metadata: Metadata()
        )
        let size = header.readableBytes
        var bytes = ByteBuffer(
            integers: UInt32(8 + size),
            type: 2,
            flags: 3,
            header: UInt16(size),
            stream: 1
        )
        bytes.writeBuffer(&header)
        while let byte = bytes.readSlice(length: 1) {
            try raw.send(byte)
            raw.loop.advanceTime(by: .seconds(29))
        }
        #expect(try raw.receivedOne().type == .response)
        raw.loop.advanceTime(by: .hours(1))
        #expect(!raw.isClosed)
    }

    @Test(arguments: [3, 20])
    func halfAHeadAndASkippedBodyAreUnfinishedFramesAsWell(bytes: Int) throws {
        let raw = try RawConnection()
        var frame = ByteBuffer(integers: 108, type: 200, flags: 0, header: 0, stream: 0)
        frame.writeRepeatingByte(0, count: 100)
        let begun = frame.readSlice(length: bytes)
        try raw.send(try #require(begun))
        raw.loop.advanceTime(by: .seconds(30))
        try raw.expectGoAway(.deadlineExceeded)
    }
}
