import NIOCore
import NIOEmbedded
import Testing

@testable import RPC

/// A client that does not read, or reads slowly.
@Suite struct SlowReaderTests {
    /// A socket that takes the first write and no more.
    private final class FullSocket: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private(set) var bytes = 0

        func write(
            context: ChannelHandlerContext,
            data: NIOAny,
            promise: EventLoopPromise<Void>?
        ) {
            bytes += Self.unwrapOutboundIn(data).readableBytes
            (context.channel as? EmbeddedChannel)?.isWritable = false
            context.write(data, promise: promise)
        }
    }

    /// A connection whose client takes any amount by credit, on a socket that is soon full.
    private func connect() throws -> (RawConnection, FullSocket) {
        let raw = try RawConnection(saysHello: false)
        _ = try raw.received()
        let socket = FullSocket()
        try raw.channel.pipeline.syncOperations.addHandler(socket, position: .first)
        var hello = Announcement(instance: "client")
        hello.windowBytes = 1 << 30
        try raw.send(.hello, header: hello.helloHeader())
        return (raw, socket)
    }

    private func echo(bytes: Int, copies: UInt32) throws -> [UInt8] {
        let body = [UInt8](repeating: 7, count: bytes)
        return try EchoMessage(body: body, repeat: copies).serializedBytes()
    }

    @Test func aHandlerThatNeverSuspendsWaitsForTheSocket() throws {
        let (raw, socket) = try connect()
        try raw.request(1, "ServerStream", payload: try echo(bytes: 100_000, copies: 400))
        let held = socket.bytes + raw.connection.writer.buffer.readableBytes
        #expect(held > 100_000)
        #expect(held < 2 * Limits.unsentBytesHigh)
        try raw.close()
    }

    @Test func aClientThatIsNotReadFromIsNotSilent() throws {
        let (raw, _) = try connect()
        try raw.request(1, "ServerStream", payload: try echo(bytes: 100_000, copies: 400))
        // The server reads nothing while its answers do not leave.
        raw.channel.read()
        for _ in 0..<40 {
            raw.loop.advanceTime(by: .seconds(1))
            #expect(!raw.isClosed)
        }
        try raw.close()
    }
}
