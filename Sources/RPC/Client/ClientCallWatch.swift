public import NIOCore
import Tracing

/// What became of one call of a client, all its tries together.
public struct ClientCallReport: Sendable {
    /// How it ended; `nil` is OK.
    public let code: RPCError.Code?
    /// From the call until its end, waiting for a connection included.
    public let duration: TimeAmount
    /// Payload of the server's messages, in bytes.
    public let receivedBytes: Int
    /// Payload of the client's messages, in bytes, counted anew with each try.
    public let sentBytes: Int
}

/// Hears of a client's calls, for metrics.
///
/// Called from any thread, in the way of calls: it must be quick and must not wait.
public struct ClientCallObserver: Sendable {
    /// A call begins.
    public var began: @Sendable (MethodDescriptor) -> Void
    /// A call is over.
    public var ended: @Sendable (MethodDescriptor, ClientCallReport) -> Void

    /// Calls `began` once for each call, and later `ended`.
    public init(
        began: @escaping @Sendable (MethodDescriptor) -> Void,
        ended: @escaping @Sendable (MethodDescriptor, ClientCallReport) -> Void
    ) {
        self.began = began
        self.ended = ended
    }
}

/// Tells a tracer and an observer of one call; there is none where nobody asks.
final class ClientCallWatch: Sendable {
    private let method: MethodDescriptor
    private let observer: ClientCallObserver?
    private let span: (any Span)?
    private let startedAt = NIODeadline.now()

    /// Begins to watch a call, if anybody wants to know.
    static func begin(
        _ method: MethodDescriptor,
        _ configuration: RPCClientConfiguration
    ) -> ClientCallWatch? {
        // Asked first: an initialiser that fails has taken memory already.
        guard configuration.observer != nil || configuration.tracer != nil else { return nil }
        return ClientCallWatch(method, configuration)
    }

    private init(_ method: MethodDescriptor, _ configuration: RPCClientConfiguration) {
        self.method = method
        observer = configuration.observer
        span = configuration.tracer?.startAnySpan(method.path, ofKind: .client)
        if let span { method.describe(span) }
        observer?.began(method)
    }

    /// What goes with the call, so that the server's span has this one as its parent.
    func traceContext(by tracer: any Tracer) -> [UInt8] {
        guard let span else { return [] }
        var bytes: [UInt8] = []
        tracer.inject(span.context, into: &bytes, using: TraceCarrier())
        return bytes
    }

    /// The call is over.
    func ended(_ error: (any Error)?, receivedBytes: Int, sentBytes: Int) {
        let known = error.map { $0 as? RPCError ?? RPCError(.unknown, "\($0)") }
        span?.end(known)
        observer?.ended(
            method,
            ClientCallReport(
                code: known?.code,
                duration: NIODeadline.now() - startedAt,
                receivedBytes: receivedBytes,
                sentBytes: sentBytes
            )
        )
    }
}
