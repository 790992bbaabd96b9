import NIOCore
import NIOEmbedded
import Testing

@testable import RPC

/// Beyond the table: frames that the protocol's text forbids.
@Suite struct FrameRuleTests {
    @Test(arguments: [UInt8(0), 10, 127])
    func aReservedTypeIsAConnectionFault(type: UInt8) throws {
        let raw = try RawConnection()
        try raw.send(ByteBuffer(integers: 8, type: type, flags: 0, header: 0, stream: 0))
        try raw.expectGoAway(.internal)
    }

    @Test(arguments: [UInt8(128), 255])
    func anExtensionIsSkippedSilently(type: UInt8) throws {
        let raw = try RawConnection()
        var bytes = ByteBuffer(integers: 13, type: type, flags: 0xff, header: 2, stream: 9)
        bytes.writeBytes([1, 2, 3, 4, 5])
        try raw.send(bytes)
        #expect(try raw.received().isEmpty)
        try raw.expectStillWorks(1)
    }

    @Test(arguments: [
        (FrameType.ping, UInt8(0x01)), (.request, 0x04), (.request, 0x20), (.reset, 0x02),
        (.credit, 0x08), (.hello, 0x01), (.goAway, 0x04), (.message, 0x10), (.response, 0x01),
    ])
    func aFlagThatTheTypeDoesNotTakeIsAConnectionFault(type: FrameType, flags: UInt8) throws {
        let raw = try RawConnection()
        try raw.send(
            ByteBuffer(
                integers: UInt32(8 + (type.payloadBytes ?? 0)),
                type: type.rawValue,
                flags: flags,
                header: 0,
                stream: type.isForConnection ? 0 : 1
            )
        )
        try raw.expectGoAway(.internal)
    }

    @Test func pingIsAnsweredWithItsBytes() throws {
        let raw = try RawConnection()
        try raw.send(.ping, payload: [1, 2, 3, 4, 5, 6, 7, 8])
        let answer = try raw.receivedOne()
        #expect(answer.type == .ping)
        #expect(answer.flags == .ack)
        #expect(Array(answer.payload.readableBytesView) == [1, 2, 3, 4, 5, 6, 7, 8])
    }

    @Test(arguments: [FrameType.hello, .response])
    func aFrameThatClientsDoNotSendIsAConnectionFault(type: FrameType) throws {
        let raw = try RawConnection()
        try raw.request(1, "Bidi", [])
        try raw.send(type, stream: type.isForConnection ? 0 : 1)
        try raw.expectGoAway(.internal)
    }

    @Test func aFirstFrameOtherThanHelloIsClosed() throws {
        let raw = try RawConnection(saysHello: false)
        _ = try raw.received()
        try raw.request(1)
        #expect(try raw.received().isEmpty)
        #expect(raw.isClosed)
    }

    @Test(arguments: [UInt8(128), 255])
    func anExtensionBeforeHelloIsAnotherFirstFrame(type: UInt8) throws {
        let raw = try RawConnection(saysHello: false)
        _ = try raw.received()
        try raw.send(ByteBuffer(integers: 8, type: type, flags: 0, header: 0, stream: 0))
        #expect(try raw.received().isEmpty)
        #expect(raw.isClosed)
    }

    @Test func aHelloWithAnotherMagicIsClosed() throws {
        let raw = try RawConnection(saysHello: false)
        _ = try raw.received()
        try raw.send(.hello, header: try WireHello(magic: 1, version: 1).serializedBytes())
        #expect(try raw.received().isEmpty)
        #expect(raw.isClosed)
    }

    @Test func anUnknownVersionIsToldWithGoAway() throws {
        let raw = try RawConnection(saysHello: false)
        _ = try raw.received()
        let hello = WireHello(magic: Announcement.magic, version: 2)
        try raw.send(.hello, header: try hello.serializedBytes())
        try raw.expectGoAway(.failedPrecondition)
    }

    @Test func aConnectionWithoutHelloIsClosedAfter5Seconds() throws {
        let raw = try RawConnection(saysHello: false)
        _ = try raw.received()
        raw.loop.advanceTime(by: .milliseconds(4_999))
        #expect(!raw.isClosed)
        raw.loop.advanceTime(by: .milliseconds(1))
        #expect(raw.isClosed)
    }
}
