import Logging
import RPC
import Synchronization

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

/// An echo whose server stream does as told; its unary call answers.
struct ScriptedService: EchoServer {
    let script:
        @Sendable (EchoMessage, ResponseWriter<EchoMessage>, CallContext) async throws -> Void

    init(
        _ script:
            @escaping @Sendable (
                EchoMessage, ResponseWriter<EchoMessage>, CallContext
            ) async throws -> Void
    ) {
        self.script = script
    }

    func unary(_ request: EchoMessage, _ call: CallContext) async throws -> EchoMessage { request }

    func serverStream(
        _ request: EchoMessage,
        _ responses: ResponseWriter<EchoMessage>,
        _ call: CallContext
    ) async throws {
        try await script(request, responses, call)
    }

    func clientStream(
        _ requests: RequestStream<EchoMessage>,
        _ call: CallContext
    ) async throws -> EchoMessage { EchoMessage() }

    func bidi(
        _ requests: RequestStream<EchoMessage>,
        _ responses: ResponseWriter<EchoMessage>,
        _ call: CallContext
    ) async throws {}
}

/// Keeps log lines to look at.
final class RecordedLog: Sendable {
    private let recorded = Mutex<[String]>([])

    var lines: [String] { recorded.withLock { $0 } }

    var logger: Logger { Logger(label: "recorded") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.recorded.withLock { lines in
                lines.append("\(event.message) \(event.metadata ?? [:])")
            }
        }
    }
}

/// The stubborn echo's stream as a method without a time limit.
struct EndlessService: RPCService {
    static let descriptor = EchoMethods.service

    var methods: [RPCMethod] {
        let method = Method<EchoMessage, EchoMessage>(
            service: "pass.rpc.v1.Echo",
            name: "ServerStream",
            kind: .serverStream,
            roles: [],
            peers: [],
            isIdempotent: true,
            timeout: nil
        )
        return [.serverStream(method) { _, _, _ in try await waitForCancellation() }]
    }
}
