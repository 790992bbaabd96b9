/// Gives back what it gets, for benchmarks and conformance.
public struct EchoService: EchoServer {
    /// An echo without any settings.
    public init() {}

    /// Gives the message back.
    public func unary(_ request: EchoMessage, _ call: CallContext) async throws -> EchoMessage {
        if request.delayUs > 0 || request.failCode > 0 { try await Self.obey(request) }
        return request
    }

    /// Sends `repeat` copies.
    public func serverStream(
        _ request: EchoMessage,
        _ responses: ResponseWriter<EchoMessage>,
        _ call: CallContext
    ) async throws {
        if request.`repeat` == 0 { try await Self.obey(request) }
        for _ in 0..<request.`repeat` {
            try await Self.obey(request)
            try await responses.write(request)
        }
    }

    /// Answers the last body and how many messages came.
    public func clientStream(
        _ requests: RequestStream<EchoMessage>,
        _ call: CallContext
    ) async throws -> EchoMessage {
        var answer = EchoMessage()
        for try await request in requests {
            try await Self.obey(request)
            answer.body = request.body
            answer.`repeat` &+= 1
        }
        return answer
    }

    /// Gives each message back, in order.
    public func bidi(
        _ requests: RequestStream<EchoMessage>,
        _ responses: ResponseWriter<EchoMessage>,
        _ call: CallContext
    ) async throws {
        for try await request in requests {
            try await Self.obey(request)
            try await responses.write(request)
        }
    }

    /// Waits and fails as the message asks.
    private static func obey(_ message: EchoMessage) async throws {
        if message.delayUs > 0 {
            try await Task.sleep(for: .microseconds(Int64(clamping: message.delayUs)))
        }
        guard message.failCode != 0 else { return }
        throw RPCError(RPCError.Code(rawValue: message.failCode) ?? .unknown, message.failMessage)
    }
}
