import NIOCore

/// How a server keeps itself from taking on more unary calls than it can answer in time.
///
/// The numbers are for each method of a server. Event loops do not ask each other, so that a call
/// takes no lock: each has its even share, and learns for itself within it.
public struct AdmissionControl: Sendable {
    /// Calls of a method at work at once before anything is learned.
    public var callsAtStart: Int
    /// Never fewer than this are let at work.
    public var callsMin: Int
    /// Never more than this are let at work.
    public var callsMax: Int

    /// Bounds in between which the server learns; the same three times makes a fixed limit.
    public init(
        callsAtStart: Int = Limits.callsAtStart,
        callsMin: Int = Limits.callsMin,
        callsMax: Int = Limits.callsMax
    ) {
        self.callsMin = max(1, callsMin)
        self.callsMax = max(self.callsMin, callsMax)
        self.callsAtStart = min(max(callsAtStart, self.callsMin), self.callsMax)
    }

    /// The share of one of `loops` event loops, rounded up.
    func share(of loops: Int) -> AdmissionControl {
        AdmissionControl(
            callsAtStart: (callsAtStart + loops - 1) / loops,
            callsMin: (callsMin + loops - 1) / loops,
            callsMax: (callsMax + loops - 1) / loops
        )
    }
}

/// Which calls of one method begin now, which wait, and which are turned away.
///
/// A call that finds the limit reached waits in a short queue. It is turned away at once if the
/// queue is full, if it would be answered too late for its caller, or if the queue has stood for so
/// long that it is no burst but too much work: then everybody would wait without anybody being
/// served sooner.
struct Admission<Call> {
    enum Verdict: Equatable {
        case begin
        case wait
        /// Turn it away; the time is when to come back.
        case refuse(Duration)
    }

    /// A call that has waited, and what becomes of it.
    enum Next {
        case begin(Call)
        case refuse(Call, Duration)
    }

    private struct Waiting {
        let call: Call
        let deadline: NIODeadline
    }

    private(set) var limit: ConcurrencyLimit
    private var queue = CircularBuffer<Waiting>()
    /// Since when somebody waits.
    private var queuedSince = NIODeadline.uptimeNanoseconds(0)

    init(_ bounds: AdmissionControl) {
        limit = ConcurrencyLimit(bounds)
    }

    /// How many calls wait.
    var waitingCount: Int { queue.count }

    /// A call came; with `begin` it counts as at work.
    @inline(__always)
    mutating func arrive(_ call: Call, deadline: NIODeadline, now: NIODeadline) -> Verdict {
        if limit.hasRoom, queue.isEmpty {
            limit.begin()
            return .begin
        }
        return enqueue(call, deadline, now)
    }

    private mutating func enqueue(
        _ call: Call,
        _ deadline: NIODeadline,
        _ now: NIODeadline
    ) -> Verdict {
        let wait = expectedWait
        let latency = TimeAmount.nanoseconds(Int64(limit.latency))
        if queue.isEmpty { queuedSince = now }
        guard queue.count < Limits.waitingCallsMax, now + wait + latency < deadline,
            !isStanding(at: now) || wait <= max(TimeAmount(Limits.standingWaitMax), latency)
        else { return .refuse(comeBack) }
        queue.append(Waiting(call: call, deadline: deadline))
        return .wait
    }

    /// The next that has waited and need not wait any more; with `begin` it counts as at work.
    mutating func next(now: NIODeadline) -> Next? {
        guard limit.hasRoom, let first = queue.popFirst() else { return nil }
        guard now + .nanoseconds(Int64(limit.latency)) < first.deadline else {
            return .refuse(first.call, comeBack)
        }
        limit.begin()
        return .begin(first.call)
    }

    /// A call that began is over.
    ///
    /// `time` is what it took until its answer; `nil` if its caller did not wait for one.
    mutating func ended(after time: TimeAmount?, now: NIODeadline) {
        limit.end()
        if let time { limit.took(time, now: now) }
    }

    /// A call that waits is over.
    mutating func forget(where isIt: (Call) -> Bool) {
        queue.removeAll { isIt($0.call) }
    }

    /// How long one that joins the queue now would wait.
    private var expectedWait: TimeAmount {
        .nanoseconds(Int64(limit.latency * Double(queue.count + 1) / Double(limit.value)))
    }

    /// Whether the queue has not been empty for so long that it is no burst.
    private func isStanding(at now: NIODeadline) -> Bool {
        guard !queue.isEmpty else { return false }
        let burst = max(TimeAmount(Limits.burstMax), .nanoseconds(Int64(limit.latency * 2)))
        return now - queuedSince >= burst
    }

    private var comeBack: Duration {
        let wait = Duration.nanoseconds(expectedWait.nanoseconds)
        return min(max(wait, Limits.comeBackMin), Limits.comeBackMax)
    }
}
