import NIOCore
import Testing

@testable import RPC

/// A REQUEST that has not left when its connection ends must never leave: its caller hears
/// NOT_PROCESSED, and may make the call again elsewhere.
@Suite struct UnsentRequestTests {
    @Test(arguments: [FrameType.goAway, .hello])
    func aRequestThatIsToldNotProcessedStaysHere(last: FrameType) throws {
        let server = try RawServer()
        _ = server.startUnary()
        #expect(try server.received().count == 1)
        let outcome = Outcome<EchoMessage>()
        let client = server.client
        let executor = EventLoopExecutor(eventLoop: server.loop)
        // Without a turn of the loop in between, REQUEST is in the buffer and not flushed.
        outcome.task = Task.immediate(executorPreference: executor) {
            do {
                let options = CallOptions(retries: false)
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
        // GOAWAY ends the connection; a second HELLO is a fault that this side ends it for.
        try server.send(last)
        #expect(outcome.error?.isNotProcessed == true)
        #expect(try !server.received().contains { $0.type == .request })
    }

    @Test func aRequestThatLeavesWithAClosingConnectionMayBeProcessed() throws {
        let server = try RawServer()
        _ = server.startUnary()
        #expect(try server.received().count == 1)
        // Closes in the turn in which REQUEST is written, before it is flushed.
        let closing = server.loop.flatSubmit { [client = server.client] in client.loops[0].close() }
        let outcome = server.startUnary()
        #expect(try server.received().contains { $0.type == .request })
        #expect(outcome.error?.code == .unavailable)
        #expect(outcome.error?.isNotProcessed == false)
        try closing.wait()
    }
}
