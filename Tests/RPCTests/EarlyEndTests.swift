import NIOCore
import NIOEmbedded
import Testing

@testable import RPC

/// Calls and connections that end while their own code is at work on them.
@Suite struct EarlyEndTests {
    /// Does not let a bad message keep it from going on.
    private struct CarelessService: EchoServer {
        func unary(_ request: EchoMessage, _ call: CallContext) async throws -> EchoMessage {
            request
        }

        func serverStream(
            _ request: EchoMessage,
            _ responses: ResponseWriter<EchoMessage>,
            _ call: CallContext
        ) async throws {}

        func clientStream(
            _ requests: RequestStream<EchoMessage>,
            _ call: CallContext
        ) async throws -> EchoMessage { EchoMessage() }

        func bidi(
            _ requests: RequestStream<EchoMessage>,
            _ responses: ResponseWriter<EchoMessage>,
            _ call: CallContext
        ) async throws {
            do {
                for try await _ in requests {}
            } catch {
                try await waitForCancellation()
            }
        }
    }

    @Test func aCallThatEndsBeforeItsHandlerFirstWaitsCancelsTheHandler() throws {
        let raw = try RawConnection([CarelessService()])
        try raw.request(1, "Bidi", .message, payload: [0x0a, 5, 1])
        #expect(try raw.receivedOne().status?.code == .invalidArgument)
        #expect(raw.connection.state.streams.count == 0)
        try raw.close()
    }

    /// A socket that turns out to be closed when a lot is written to it.
    private final class BreakingSocket: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private var bytes = 0

        func write(
            context: ChannelHandlerContext,
            data: NIOAny,
            promise: EventLoopPromise<Void>?
        ) {
            bytes += Self.unwrapOutboundIn(data).readableBytes
            context.write(data, promise: promise)
        }

        func flush(context: ChannelHandlerContext) {
            if bytes < Limits.unsentBytesHigh { return context.flush() }
            context.close(promise: nil)
        }
    }

    @Test func aConnectionThatBreaksUnderAWriterEndsItsCall() throws {
        let server = try RawServer()
        server.announcement.windowBytes = 1 << 30
        _ = server.startUnary()
        let socket = BreakingSocket()
        try server.channel.pipeline.syncOperations.addHandler(socket, position: .first)
        let outcome = server.start { client in
            try await client.clientStream(EchoMethods.clientStream) { writer in
                let message = EchoMessage(body: [UInt8](repeating: 7, count: 100_000))
                for _ in 0..<40 { try await writer.write(message) }
            }
        }
        server.loop.run()
        #expect(outcome.error?.code == .unavailable)
    }
}
