import NIOCore

/// What the connections of a server on one event loop have in common, so that they count without
/// locks.
///
/// Safety: touched on its event loop only.
final class ServerLoop: @unchecked Sendable {
    /// What one method has at work and waiting on this loop.
    struct Load {
        var admission: Admission<ServerCall>
        /// Calls whose handlers have not returned.
        var atWork = 0
        /// Calls that are over.
        var calls: UInt64 = 0
        /// Those of them that ended with an error.
        var errors: UInt64 = 0
        /// Those of them that were turned away.
        var refused: UInt64 = 0
        /// Whether calls that waited are being started: one that ends at once must not start the
        /// next from within itself, or a long queue would need a deep stack.
        var isStarting = false

        /// A call is over.
        ///
        /// - Returns: Whether it leaves room for those that wait.
        mutating func ended(_ call: ServerCall, now: NIODeadline) -> Bool {
            calls += 1
            if call.ending != nil { errors += 1 }
            guard call.hasBegun else { return false }
            atWork -= 1
            guard call.method.isLimited else { return false }
            // A caller that gave up cut the time short, so that it tells nothing.
            let hasTime = call.ending?.code != .cancelled
            admission.ended(after: hasTime ? now - call.startedAt : nil, now: now)
            return admission.waitingCount > 0
        }
    }

    let eventLoop: any EventLoop
    let lanes: HandlerLanes
    private let budget: BufferBudget
    private var unreported = 0
    /// By the methods' numbers.
    private(set) var loads: [Load]
    /// Unary calls that take longer are kept for introspection.
    let slowAfter: TimeAmount
    var slowCalls = SlowCallRing()

    init(
        _ eventLoop: any EventLoop,
        budget: BufferBudget,
        methods: Int,
        admission: AdmissionControl,
        slowAfter: TimeAmount
    ) {
        self.slowAfter = slowAfter
        self.eventLoop = eventLoop
        lanes = HandlerLanes(eventLoop)
        self.budget = budget
        loads = (0..<methods).map { _ in Load(admission: Admission(admission)) }
    }

    /// A connection holds so many bytes more, or less.
    func hold(_ bytes: Int) {
        unreported += bytes
        if abs(unreported) >= budget.step { report() }
    }

    /// Tells the budget what it has not heard yet.
    func report() {
        let bytes = unreported
        unreported = 0
        budget.add(bytes)
    }

    /// A call came whose method is limited.
    func arrive(_ call: ServerCall, now: NIODeadline) -> Admission<ServerCall>.Verdict {
        let verdict = loads[call.method.number].admission.arrive(
            call,
            deadline: call.deadline ?? .distantFuture,
            now: now
        )
        switch verdict {
        case .begin: break
        case .wait: call.isWaiting = true
        case .refuse: loads[call.method.number].refused += 1
        }
        return verdict
    }

    /// The handler of a call starts.
    func began(_ call: ServerCall) {
        call.hasBegun = true
        loads[call.method.number].atWork += 1
    }

    /// A call is over, and its handler has returned if it was started; the next of its method may
    /// begin.
    func ended(_ call: ServerCall) {
        let method = call.method.number
        if loads[method].ended(call, now: call.answeredAt ?? eventLoop.now) { beginWaiting(method) }
    }

    private func beginWaiting(_ method: Int) {
        guard !loads[method].isStarting else { return }
        loads[method].isStarting = true
        defer { loads[method].isStarting = false }
        while let next = loads[method].admission.next(now: eventLoop.now) {
            switch next {
            case .begin(let call):
                call.isWaiting = false
                call.connection?.run(call, at: eventLoop.now)
            case .refuse(let call, let time):
                call.isWaiting = false
                loads[method].refused += 1
                call.connection?.refuse(call, after: time)
            }
        }
    }

    /// A call that waits has ended.
    func forget(_ call: ServerCall) {
        loads[call.method.number].admission.forget { $0 === call }
    }
}
