import NIOCore

/// A second try of a call that takes long, beside the first and at another endpoint: the answer that
/// comes first counts.
///
/// Safety: as `ClientCall`.
final class HedgeCall: ClientCall, @unchecked Sendable {
    private let original: ClientCall

    init(of original: ClientCall) {
        self.original = original
        super.init(
            loop: original.loop,
            method: original.method,
            payload: nil,
            options: CallOptions(metadata: original.metadata, retries: false),
            deadline: original.deadline,
            original: original
        )
        beginNextTry()
    }

    override var hasMessage: Bool { original.hasMessage }

    override func encodeRequest(into buffer: inout ByteBuffer) throws {
        try original.encodeRequest(into: &buffer)
    }

    override func end(_ error: RPCError?, _ payload: ByteBuffer?) {
        guard isUnderWay else { return }
        super.end(error, nil)
        original.hedgeEnded(error, payload)
    }

    override func fail(_ error: any Error) {
        guard isUnderWay else { return }
        super.fail(error)
        let known = error as? RPCError
        original.hedgeEnded(known ?? RPCError(.internal, "\(error)", isNotProcessed: true), nil)
    }
}

/// Hedging.
extension ClientLoop {
    /// Sees to it that a call gets a second try if it takes longer than most.
    func watch(_ call: ClientCall, from now: NIODeadline) {
        guard endpoints.count > 1, let time = latencies[call.method.path]?.p95(at: now) else {
            return
        }
        call.hedgeTimer = eventLoop.scheduleTask(deadline: now + time) { self.hedge(call) }
    }

    /// The first try of a call that may be hedged was answered, or given up, after `time`.
    func record(_ time: TimeAmount, for method: MethodDescriptor, at now: NIODeadline) {
        latencies[method.path, default: LatencyHistogram(now: now)].record(time, at: now)
    }

    private func hedge(_ call: ClientCall) {
        let now = eventLoop.now
        guard let first = call.connection?.endpoint,
            let (endpoint, connection) = pick(for: call, now), endpoint !== first,
            endpoint.index.map({ !balancer.loads[$0].isSetAside }) == true,
            budget.takeHedge(at: now)
        else { return }
        let hedge = HedgeCall(of: call)
        call.hedge = hedge
        open(hedge, endpoint, connection, now)
    }
}
