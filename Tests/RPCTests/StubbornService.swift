@testable import RPC

/// An echo whose streams read nothing and end only when they are cancelled.
struct StubbornService: EchoServer {
    func unary(_ request: EchoMessage, _ call: CallContext) async throws -> EchoMessage {
        try await waitForCancellation()
        return request
    }

    func serverStream(
        _ request: EchoMessage,
        _ responses: ResponseWriter<EchoMessage>,
        _ call: CallContext
    ) async throws {
        try await waitForCancellation()
    }

    func clientStream(
        _ requests: RequestStream<EchoMessage>,
        _ call: CallContext
    ) async throws -> EchoMessage {
        try await waitForCancellation()
        return EchoMessage()
    }

    func bidi(
        _ requests: RequestStream<EchoMessage>,
        _ responses: ResponseWriter<EchoMessage>,
        _ call: CallContext
    ) async throws {
        try await waitForCancellation()
    }
}

/// Waits until the task is cancelled, without a clock.
func waitForCancellation() async throws {
    let (never, continuation) = AsyncStream.makeStream(of: Void.self)
    defer { continuation.finish() }
    for await _ in never {}
    try Task.checkCancellation()
}
