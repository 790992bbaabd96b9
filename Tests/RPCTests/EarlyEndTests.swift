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
}
