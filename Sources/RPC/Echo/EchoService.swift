/// Gives back what it gets, for benchmarks and conformance.
public struct EchoService: EchoServer {
    /// An echo without any settings.
    public init() {}

    /// Gives the message back.
    public func unary(_ request: EchoMessage, _ call: CallContext) async throws -> EchoMessage {
        if request.delayUs > 0 || request.failCode > 0 { try await Self.obey(request, call) }
        return request
    }

    /// Sends `repeat` copies.
    public func serverStream(
        _ request: EchoMessage,
        _ responses: ResponseWriter<EchoMessage>,
        _ call: CallContext
    ) async throws {
        if request.`repeat` == 0 { try await Self.obey(request, call) }
        for _ in 0..<request.`repeat` {
            try await Self.obey(request, call)
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
            try await Self.obey(request, call)
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
            try await Self.obey(request, call)
            try await responses.write(request)
        }
    }

    /// Waits and fails as the message asks.
    ///
    /// The error gives back the caller's metadata whose keys begin with `echo-`.
    private static func obey(_ message: EchoMessage, _ call: CallContext) async throws {
        if message.delayUs > 0 {
            try await Task.sleep(for: .microseconds(Int64(clamping: message.delayUs)))
        }
        guard message.failCode != 0 else { return }
        var metadata = Metadata()
        for (key, value) in call.metadata.pairs where key.hasPrefix("echo-") {
            metadata.add(key, bytes: value)
        }
        throw RPCError(
            RPCError.Code(rawValue: message.failCode) ?? .unknown,
            message.failMessage,
            metadata: metadata
        )
    }
}
