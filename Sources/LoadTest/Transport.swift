public import NIOCore
public import RPC

/// One call as the generator asks for it.
public struct CallRequest: Sendable {
    /// What is called.
    public let method: MethodDescriptor
    /// The encoded request.
    public let payload: ByteBuffer
    /// As whom it is made.
    public let role: Persona
    /// What the call carries.
    public let metadata: Metadata
    /// How long it may take; `nil`: as long as the method says.
    public let timeout: Duration?
    /// The flow that it belongs to: calls of one flow use one connection, as a person's phone does.
    public let flow: UInt64
    /// On which of the generator's event loops it is made.
    public let lane: Int

    /// How the call is made: it waits for its connection, since that is part of what its caller
    /// would wait for, and it is tried once, since a second try would hide the first one's failure.
    public var options: CallOptions {
        CallOptions(
            timeout: timeout ?? method.timeout ?? Limits.callTimeout,
            metadata: metadata,
            waitsForConnection: true,
            retries: false,
            hedges: false
        )
    }
}

/// Makes a call and waits for its answer.
public typealias Transport = @Sendable (CallRequest) async throws -> ByteBuffer

extension RPCClient {
    /// Makes one call of a unary method, or of one that answers with a stream: then to its end,
    /// with the first message as the answer.
    ///
    /// - Throws: `RPCError`.
    public func make(_ request: CallRequest) async throws -> ByteBuffer {
        guard request.method.kind == .serverStream else {
            return try await rawUnary(request.method, request.payload, options: request.options)
        }
        return try await rawStream(
            request.method,
            first: request.payload,
            options: request.options
        ) { _, answers in
            var first: ByteBuffer?
            for try await answer in answers where first == nil { first = answer }
            return first ?? ByteBuffer()
        }
    }
}
