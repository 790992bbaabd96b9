import NIOCore
import NIOEmbedded
import Testing

@testable import RPC

/// One test for each row of the protocol's fault table, with raw frames against a server.
@Suite struct FaultTableTests {
    @Test(arguments: [UInt32(0), 7])
    func aLengthBelow8IsAConnectionFault(length: UInt32) throws {
        let raw = try RawConnection()
        try raw.send(ByteBuffer(integers: length, type: 2, flags: 0, header: 0, stream: 1))
        try raw.expectGoAway(.internal)
    }

    @Test func aHeaderBeyondItsFrameIsAConnectionFaultDecidedOnThe12Bytes() throws {
        let raw = try RawConnection()
        // 100 bytes are promised and not one of them has come.
        try raw.send(ByteBuffer(integers: 108, type: 2, flags: 0, header: 101, stream: 1))
        try raw.expectGoAway(.internal)
    }

    @Test func aHeaderAbove16KiBIsAStreamFaultAndSkipped() throws {
        let raw = try RawConnection()
        let size = Limits.headerBytesMax + 1
        try raw.send(
            ByteBuffer(
                integers: UInt32(8 + size),
                type: 2,
                flags: 3,
                header: UInt16(size),
                stream: 1
            )
        )
        try raw.expectReset(1, .resourceExhausted)
        try raw.send(ByteBuffer(repeating: 0, count: size))
        try raw.expectStillWorks(3)
    }

    @Test func aPayloadAboveTheLimitIsAStreamFaultAndSkippedAsItComes() throws {
        let raw = try RawConnection()
        let size = Limits.messageBytesDefault + 1
        try raw.send(
            ByteBuffer(integers: UInt32(8 + size), type: 2, flags: 3, header: 0, stream: 1)
        )
        try raw.expectReset(1, .resourceExhausted)
        for _ in 0..<size / 1024 { try raw.send(ByteBuffer(repeating: 0xff, count: 1024)) }
        try raw.send(ByteBuffer(repeating: 0xff, count: size % 1024))
        try raw.expectStillWorks(3)
    }

    @Test func aMessageAboveTheLimitEndsItsStreamOnly() throws {
        let raw = try RawConnection()
        try raw.request(1, "Bidi", [])
        let size = Limits.messageBytesDefault + 1
        try raw.send(
            ByteBuffer(integers: UInt32(8 + size), type: 4, flags: 2, header: 0, stream: 1)
        )
        try raw.expectReset(1, .resourceExhausted)
        try raw.send(ByteBuffer(repeating: 0, count: size))
        try raw.expectStillWorks(3)
    }

    @Test func aLengthOf2To24IsAConnectionFault() throws {
        let raw = try RawConnection()
        try raw.send(ByteBuffer(integers: 1 << 24, type: 2, flags: 0, header: 0, stream: 1))
        try raw.expectGoAway(.internal)
    }

    @Test(arguments: ["\u{16}\u{3}\u{1}", "GET / HTTP/1.1\r\n", "PRI * HTTP/2.0\r\n"])
    func aForeignProtocolIsClosedWithoutAWord(start: String) throws {
        let raw = try RawConnection(saysHello: false)
        #expect(try raw.received().map(\.type) == [.hello])
        try raw.send(ByteBuffer(string: start))
        #expect(try raw.received().isEmpty)
        #expect(raw.isClosed)
    }

    @Test func aHeaderThatDoesNotDecodeOnStream0IsAConnectionFault() throws {
        let raw = try RawConnection()
        try raw.send(.goAway, header: [0xff])
        try raw.expectGoAway(.internal)
    }

    @Test(
        arguments: [[0xff], [0x0a, 0x05, 0x61], [0x0a, 0x02, 0xc3, 0x28], [0x0a, 1, 0]] as [[UInt8]]
    )
    func aHeaderThatDoesNotDecodeOnAStreamIsAStreamFault(header: [UInt8]) throws {
        let raw = try RawConnection()
        try raw.send(.request, [.message, .end], stream: 1, header: header)
        try raw.expectReset(1, .invalidArgument)
        try raw.expectStillWorks(3)
    }

    @Test(
        arguments: [
            [0x0a, 0x05, 0x01], [0x2a, 0x02, 0xc3, 0x28], [0x2a, 0x03, 0x61, 0x00, 0x62],
        ] as [[UInt8]]
    )
    func aPayloadThatDoesNotDecodeIsAnsweredInvalidArgument(payload: [UInt8]) throws {
        let raw = try RawConnection()
        try raw.request(1, payload: payload)
        let answer = try raw.receivedOne()
        #expect(answer.type == .response)
        let status = try #require(try answer.status)
        #expect(status.code == .invalidArgument)
        #expect(status.isNotProcessed)
        try raw.expectStillWorks(3)
    }

    @Test func aBadTextIsNamedByItsField() throws {
        let raw = try RawConnection()
        try raw.request(1, payload: [0x2a, 0x02, 0xc3, 0x28])
        let status = try #require(try raw.receivedOne().status)
        #expect(status.message.hasPrefix("fail_message"))
        let detail = try #require(status.details.first)
        #expect(try BadField(serializedBytes: detail.value).field == "fail_message")
    }

    @Test(arguments: [2, 4, 1 << 31, (1 << 31) + 1] as [UInt32])
    func aRequestWithABadIdIsAConnectionFault(id: UInt32) throws {
        let raw = try RawConnection()
        try raw.request(id)
        try raw.expectGoAway(.internal)
    }

    @Test(arguments: [UInt32(1), 5])
    func aRequestWhoseIdDoesNotRiseIsAConnectionFault(id: UInt32) throws {
        let raw = try RawConnection()
        try raw.request(5)
        #expect(try raw.receivedOne().type == .response)
        try raw.request(id)
        try raw.expectGoAway(.internal)
    }

    @Test(arguments: [FrameType.message, .reset, .credit])
    func aFrameForAStreamNeverOpenedIsAConnectionFault(type: FrameType) throws {
        let raw = try RawConnection()
        try raw.send(
            type,
            type == .message ? .message : [],
            stream: 7,
            payload: type == .credit ? [0, 0, 0, 1] : []
        )
        try raw.expectGoAway(.internal)
    }

    @Test(arguments: [FrameType.message, .reset, .credit])
    func aFrameForAClosedStreamIsDropped(type: FrameType) throws {
        let raw = try RawConnection()
        try raw.expectStillWorks(1)
        try raw.send(
            type,
            type == .message ? .message : [],
            stream: 1,
            payload: type == .credit ? [0, 0, 0, 1] : []
        )
        #expect(try raw.received().isEmpty)
        try raw.expectStillWorks(3)
    }

    @Test func aRequestAboveMaxStreamsIsRefused() throws {
        let raw = try RawConnection(
            configuration: RPCServerConfiguration(
                instance: "raw",
                streamsMax: 2,
                logger: silentLogger
            )
        )
        try raw.request(1, "Bidi", [])
        try raw.request(3, "Bidi", [])
        try raw.request(5)
        let status = try raw.expectReset(5, .unavailable)
        #expect(status?.isNotProcessed == true)
        try raw.send(.message, .end, stream: 1)
        #expect(try raw.receivedOne().type == .response)
        try raw.expectStillWorks(7)
        try raw.close()
    }

    @Test func aMessageAfterEndIsAStreamFault() throws {
        // A handler that reads one message and then waits keeps the stream open.
        let raw = try RawConnection([StubbornService()])
        try raw.request(1, "Bidi", .end)
        try raw.send(.message, .message, stream: 1)
        try raw.expectReset(1, .internal)
        try raw.close()
    }

    @Test(arguments: [FrameFlags.end, .message, []])
    func aUnaryCallWithoutExactlyOneMessageIsAStreamFault(flags: FrameFlags) throws {
        let raw = try RawConnection()
        try raw.request(1, "Unary", flags)
        try raw.expectReset(1, .internal)
        try raw.expectStillWorks(3)
    }

    @Test func aMessageBeyondTheCreditIsAStreamFault() throws {
        let raw = try RawConnection([StubbornService()])
        try raw.request(1, "Bidi", [])
        let window = Limits.windowBytesDefault
        try raw.send(.message, .message, stream: 1, payload: Array(repeating: 0, count: window - 1))
        // One byte is left: a whole message may take the credit below zero, but no other follows.
        try raw.send(.message, .message, stream: 1, payload: Array(repeating: 0, count: 1000))
        #expect(try raw.received().isEmpty)
        try raw.send(.message, .message, stream: 1, payload: [0])
        try raw.expectReset(1, .resourceExhausted)
        try raw.close()
    }

    @Test(arguments: [UInt32(0), UInt32(Int32.max), UInt32.max])
    func aCreditOfNothingOrTooMuchIsAStreamFault(bytes: UInt32) throws {
        let raw = try RawConnection([StubbornService()])
        try raw.request(1, "Bidi", [])
        try raw.send(
            .credit,
            stream: 1,
            payload: withUnsafeBytes(of: bytes.bigEndian) { Array($0) }
        )
        try raw.expectReset(1, .internal)
        try raw.close()
    }

    @Test(arguments: [FrameType.hello, .ping, .drain, .goAway])
    func aStream0TypeOnAStreamIsAConnectionFault(type: FrameType) throws {
        let raw = try RawConnection()
        try raw.send(
            type,
            stream: 1,
            payload: Array(repeating: 0, count: type.payloadBytes ?? 0)
        )
        try raw.expectGoAway(.internal)
    }

    @Test(arguments: [FrameType.request, .response, .message, .reset, .credit])
    func aStreamTypeOnStream0IsAConnectionFault(type: FrameType) throws {
        let raw = try RawConnection()
        try raw.send(type, payload: Array(repeating: 0, count: type.payloadBytes ?? 0))
        try raw.expectGoAway(.internal)
    }

    @Test(arguments: [(FrameType.ping, 0, 7), (.ping, 0, 9), (.credit, 1, 3), (.credit, 1, 5)])
    func aWrongPayloadSizeIsAConnectionFault(type: FrameType, stream: Int, size: Int) throws {
        let raw = try RawConnection([StubbornService()])
        try raw.request(1, "Bidi", [])
        try raw.send(type, stream: UInt32(stream), payload: Array(repeating: 0, count: size))
        try raw.expectGoAway(.internal)
    }

    @Test(arguments: [("pass.rpc.v1.Echo/Nope", "method"), ("pass.rpc.v1.Nope/Unary", "service:")])
    func anUnknownPathIsUnimplemented(path: String, word: String) throws {
        let raw = try RawConnection()
        var header = ByteBuffer()
        header.writeRequestHead(path: path, timeoutMicroseconds: 0, metadata: Metadata())
        try raw.send(
            .request,
            [.message, .end],
            stream: 1,
            header: Array(header.readableBytesView)
        )
        let answer = try raw.receivedOne()
        #expect(answer.type == .response)
        let status = try #require(try answer.status)
        #expect(status.code == .unimplemented)
        #expect(status.isNotProcessed)
        #expect(status.message.contains(word))
    }

    @Test func aConnectionThatEndsCancelsItsHandlers() throws {
        let raw = try RawConnection([StubbornService()])
        try raw.request(1, "Bidi", [])
        #expect(raw.connection.state.streams.count == 1)
        try raw.close()
        #expect(raw.connection.state.streams.count == 0)
    }
}
