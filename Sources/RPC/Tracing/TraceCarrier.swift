import Tracing

/// Carries a tracer's `traceparent` into the bytes of REQUEST and back.
///
/// Whatever else a tracer may want to send has no place in the frame and stays behind.
struct TraceCarrier: Injector, Extractor {
    func inject(_ value: String, forKey key: String, into carrier: inout [UInt8]) {
        guard key.lowercased() == "traceparent" else { return }
        carrier = TraceContext(traceparent: value)?.bytes ?? []
    }

    func extract(key: String, from carrier: [UInt8]) -> String? {
        guard key.lowercased() == "traceparent" else { return nil }
        return TraceContext(bytes: carrier)?.traceparent
    }
}

extension MethodDescriptor {
    /// What a span of a call of this method says of it.
    ///
    /// Source: OpenTelemetry's semantic conventions for RPC.
    func describe(_ span: any Span) {
        span.attributes["rpc.system"] = "pass-rpc"
        span.attributes["rpc.service"] = service
        span.attributes["rpc.method"] = name
    }
}

extension Span {
    /// The call is over; `error` is `nil` for OK.
    func end(_ error: RPCError?) {
        attributes["rpc.status"] = error?.code.name ?? "OK"
        if let error { setStatus(SpanStatus(code: .error, message: error.message)) }
        end()
    }
}

/// Runs the handler of a call within the trace that its caller sent, and within a span of `tracer` if
/// there is one.
///
/// `outcome` tells afterwards how the call ended.
func withTrace(
    of context: CallContext,
    _ tracer: (any Tracer)?,
    outcome: () -> RPCError?,
    _ handler: () async throws -> Void
) async throws {
    guard let tracer else {
        var service = ServiceContext.current ?? .topLevel
        service.traceContext = TraceContext(bytes: context.traceContext)
        return try await ServiceContext.withValue(service, operation: handler)
    }
    var service = ServiceContext.topLevel
    tracer.extract(context.traceContext, into: &service, using: TraceCarrier())
    let span = tracer.startAnySpan(context.method.path, context: service, ofKind: .server)
    context.method.describe(span)
    do {
        try await ServiceContext.withValue(span.context, operation: handler)
        span.end(outcome())
    } catch {
        // Deadlines and RESETs end a call before its handler; else the handler's error does.
        let known = outcome() ?? (error as? any RPCFailure)?.rpcError
        span.end(known ?? RPCError(.internal, "\(error)"))
        throw error
    }
}
