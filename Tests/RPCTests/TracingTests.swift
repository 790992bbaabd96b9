import NIOCore
import Synchronization
import Testing
import Tracing

@testable import RPC

/// One request's trace over several hops.
@Suite(.timeLimit(.minutes(1))) struct TracingTests {
    private static let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    /// An Echo whose unary method does `body`.
    private func echo(
        _ body: @escaping @Sendable (EchoMessage, CallContext) async throws -> EchoMessage
    ) -> [any RPCService] {
        [ForwardedService(EchoMethods.service, methods: [.unary(EchoMethods.unary, body)])]
    }

    @Test func aTraceparentIsReadAndWritten() throws {
        let context = try #require(TraceContext(traceparent: Self.text))
        #expect(context.traceparent == Self.text)
        #expect(context.bytes.count == 25)
        #expect(context.traceID == "0af7651916cd43dd8448eb211c80319c")
        #expect(TraceContext(bytes: context.bytes) == context)
    }

    @Test(arguments: [
        "", "00", text.dropLast(1) + "", text + "0", text.uppercased(),
        "01" + text.dropFirst(2), text.replacing("0af7651916cd43dd", with: "0af7651916cd43dx"),
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    ])
    func anythingElseIsNone(_ text: String) {
        #expect(TraceContext(traceparent: text) == nil)
    }

    @Test func withoutATracerTheTraceIsPassedOnOverEveryHop() async throws {
        let seen = Mutex<[[UInt8]]>([])
        let inner = echo { message, call in
            seen.withLock { $0.append(call.traceContext) }
            return message
        }
        let trace = try #require(TraceContext(traceparent: Self.text))
        try await withInProcessServer(inner) { next in
            let outer = echo { message, call in
                seen.withLock { $0.append(call.traceContext) }
                return try await EchoClient(next).unary(message)
            }
            try await withInProcessServer(outer) { client in
                var context = ServiceContext.topLevel
                context.traceContext = trace
                _ = try await ServiceContext.withValue(context) {
                    try await EchoClient(client).unary(EchoMessage())
                }
                _ = try await EchoClient(client).unary(EchoMessage())
            }
        }
        #expect(seen.withLock { $0 } == [trace.bytes, trace.bytes, [], []])
    }

    @Test func spansAreChildrenOverEveryHop() async throws {
        let tracer = TestTracer()
        var server = RPCServerConfiguration(instance: "in-process")
        server.tracer = tracer
        var caller = RPCClientConfiguration(instance: "in-process")
        caller.tracer = tracer
        let inner = echo { _, _ in throw RPCError(.notFound, "Not here.") }
        try await withInProcessServer(inner, configuration: server, client: caller) { next in
            let outer = echo { message, _ in try await EchoClient(next).unary(message) }
            try await withInProcessServer(outer, configuration: server, client: caller) { client in
                let error = await #expect(throws: RPCError.self) {
                    try await EchoClient(client).unary(EchoMessage())
                }
                #expect(error?.code == .notFound)
            }
        }
        // Spans end from the inside out on each side; ordered by their start they are a chain.
        let spans = tracer.ended.sorted { $0.number < $1.number }
        #expect(spans.map(\.kind) == [.client, .server, .client, .server])
        #expect(Set(spans.map(\.name)) == ["pass.rpc.v1.Echo/Unary"])
        #expect(spans[0].parent == 0)
        for (parent, child) in zip(spans, spans.dropFirst()) {
            #expect(child.parent == parent.number)
        }
        #expect(spans.allSatisfy { $0.status == "NOT_FOUND" })
    }

    @Test func clientsReportTheirCalls() async throws {
        let reports = Mutex<[ClientCallReport]>([])
        let begun = Mutex<[String]>([])
        var caller = RPCClientConfiguration(instance: "in-process")
        caller.observer = ClientCallObserver(
            began: { method in begun.withLock { $0.append(method.name) } },
            ended: { _, report in reports.withLock { $0.append(report) } }
        )
        let services = echo { message, _ in
            guard message.failCode == 0 else { throw RPCError(.aborted, "As asked.") }
            return message
        }
        try await withInProcessServer(services, client: caller) { client in
            _ = try await EchoClient(client).unary(EchoMessage(body: [1, 2, 3]))
            _ = try? await EchoClient(client).unary(EchoMessage(failCode: 10))
        }
        #expect(begun.withLock { $0 } == ["Unary", "Unary"])
        // The calls may end on different loops.
        let all = reports.withLock { $0 }.sorted { $0.code == nil && $1.code != nil }
        #expect(all.map(\.code) == [nil, .aborted])
        #expect(all.map(\.sentBytes) == [5, 2])
        #expect(all.map(\.receivedBytes) == [5, 0])
        #expect(all.allSatisfy { $0.duration > .zero })
    }
}

/// A tracer whose span ids count up, all in one trace.
private final class TestTracer: Tracer {
    struct Ended: Sendable {
        let number: UInt64
        let parent: UInt64
        let name: String
        let kind: SpanKind
        let status: String
    }

    private let last = Mutex<UInt64>(0)
    private let spans = Mutex<[Ended]>([])

    var ended: [Ended] { spans.withLock { $0 } }

    func startSpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> ServiceContext,
        ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> TestSpan {
        let number = last.withLock { last in
            last += 1
            return last
        }
        let parent = context().traceContext?.bytes[16..<24].reduce(UInt64(0)) {
            $0 << 8 | UInt64($1)
        }
        var own = ServiceContext.topLevel
        let id = (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
        own.traceContext = TraceContext(bytes: Array(repeating: 7, count: 16) + id + [1])
        return TestSpan(context: own, operationName: operationName) { status in
            self.spans.withLock { spans in
                spans.append(
                    Ended(
                        number: number,
                        parent: parent ?? 0,
                        name: operationName,
                        kind: kind,
                        status: status
                    )
                )
            }
        }
    }

    func activeSpan(identifiedBy context: ServiceContext) -> TestSpan? { nil }

    func forceFlush() {}

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier,
        into context: inout ServiceContext,
        using extractor: Extract
    ) where Extract.Carrier == Carrier {
        let text = extractor.extract(key: "traceparent", from: carrier)
        context.traceContext = text.flatMap { TraceContext(traceparent: $0) }
    }

    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let trace = context.traceContext else { return }
        injector.inject(trace.traceparent, forKey: "traceparent", into: &carrier)
        injector.inject("has no place", forKey: "baggage", into: &carrier)
    }
}

private final class TestSpan: Span {
    let context: ServiceContext
    let isRecording = true
    private let name: Mutex<String>
    private let values = Mutex(SpanAttributes())
    private let onEnd: @Sendable (String) -> Void

    init(
        context: ServiceContext,
        operationName: String,
        onEnd: @escaping @Sendable (String) -> Void
    ) {
        self.context = context
        self.onEnd = onEnd
        name = Mutex(operationName)
    }

    var operationName: String {
        get { name.withLock { $0 } }
        set { name.withLock { $0 = newValue } }
    }

    var attributes: SpanAttributes {
        get { values.withLock { $0 } }
        set { values.withLock { $0 = newValue } }
    }

    func setStatus(_ status: SpanStatus) {}
    func addEvent(_ event: SpanEvent) {}
    func addLink(_ link: SpanLink) {}

    func recordError<Instant: TracerInstant>(
        _ error: any Error,
        attributes: SpanAttributes,
        at instant: @autoclosure () -> Instant
    ) {}

    func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard case .string(let status)? = attributes["rpc.status"]?.toSpanAttribute() else {
            return
        }
        onEnd(status)
    }
}
