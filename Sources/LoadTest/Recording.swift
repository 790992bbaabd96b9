import Histogram
public import RPC

/// What became of one call; times count from the beginning of the run.
public struct Sample: Sendable {
    /// How a call ended.
    public enum Outcome: Sendable, Equatable {
        case answered
        case failed(RPCError.Code, String)
        /// Too much was under way already.
        case notStarted
    }

    /// Which step of which flow it was.
    public var step: Int
    /// When it should have started.
    public var planned: Duration
    /// When it did.
    public var started: Duration
    /// When its outcome was known.
    public var ended: Duration
    /// How it ended.
    public var outcome: Outcome

    /// Notes a call.
    public init(
        step: Int,
        planned: Duration,
        started: Duration,
        ended: Duration,
        outcome: Outcome
    ) {
        self.step = step
        self.planned = planned
        self.started = started
        self.ended = ended
        self.outcome = outcome
    }
}

/// The figures of a run, or of a part of it.
///
/// Latencies are those of calls that were answered and of those that ran into their deadline: a call
/// refused at once would make a service look faster than it is, one that was waited for in vain must
/// show.
public struct Recording: Sendable {
    /// Latencies in microseconds: 3 digits, and 2 where there are many of them.
    typealias Latencies = Histogram<UInt32>

    /// The calls of one step, or of several together.
    struct Tally: Sendable {
        var planned: UInt64 = 0
        var answered: UInt64 = 0
        var failed: UInt64 = 0
        var notStarted: UInt64 = 0
        /// From the planned instant to the end.
        var latency = Latencies(numberOfSignificantValueDigits: .three)
        /// From the start to the end: what the service took, whatever the generator's lag.
        var service = Latencies(numberOfSignificantValueDigits: .three)

        mutating func add(_ other: Tally) {
            planned += other.planned
            answered += other.answered
            failed += other.failed
            notStarted += other.notStarted
            latency.add(other.latency)
            service.add(other.service)
        }
    }

    /// How often an error came, how soon, and what it said.
    struct Failures: Sendable {
        var count: UInt64 = 0
        var example = ""
        /// From the start to the error.
        var time = Latencies(numberOfSignificantValueDigits: .two)
    }

    /// The calls of a short time.
    struct Interval: Sendable {
        /// By planned instant.
        var planned: UInt64 = 0
        /// By the instant of the answer.
        var answered: UInt64 = 0
        var failed: UInt64 = 0
        /// By planned instant, so that a stall shows when it began.
        var latency = Latencies(numberOfSignificantValueDigits: .two)
    }

    /// How long an interval is.
    let interval: Duration
    /// Calls planned before this are not counted: connections open, caches fill.
    let warmUp: Duration
    private(set) var tallies: [Tally]
    private(set) var intervals: [Interval] = []
    private(set) var failures: [RPCError.Code: Failures] = [:]
    /// How late calls started.
    private(set) var lag = Latencies(numberOfSignificantValueDigits: .three)
    /// Calls of the warm-up.
    private(set) var warmUpCount: UInt64 = 0
    /// Calls left out because an earlier answer did not hold what they need.
    private(set) var skipped: UInt64 = 0

    /// Nothing yet, of a run of so many steps that lasts `duration` behind its warm-up.
    public init(steps: Int, warmUp: Duration, duration: Duration) {
        tallies = Array(repeating: Tally(), count: steps)
        self.warmUp = warmUp
        let even = duration.nanoseconds / Int64(Limits.intervalsMax)
        let whole = Limits.intervalMin.nanoseconds
        interval = .nanoseconds(max(1, (even + whole - 1) / whole) * whole)
    }

    /// Notes what became of a call.
    public mutating func note(_ sample: Sample) {
        guard sample.planned >= warmUp else {
            warmUpCount += 1
            return
        }
        let latency = microseconds(sample.ended - sample.planned)
        let service = microseconds(sample.ended - sample.started)
        let plannedIn = index(of: sample.planned)
        tallies[sample.step].planned += 1
        intervals[plannedIn].planned += 1
        if sample.outcome != .notStarted {
            lag.record(microseconds(sample.started - sample.planned))
        }
        let isTimed: Bool
        switch sample.outcome {
        case .answered:
            tallies[sample.step].answered += 1
            intervals[index(of: sample.ended)].answered += 1
            isTimed = true
        case .failed(let code, let message):
            tallies[sample.step].failed += 1
            intervals[plannedIn].failed += 1
            failures[code, default: Failures()].count += 1
            failures[code]?.time.record(service)
            if failures[code]?.example.isEmpty == true {
                failures[code]?.example = String(message.prefix(Limits.exampleCharacters))
            }
            isTimed = code == .deadlineExceeded
        case .notStarted:
            tallies[sample.step].notStarted += 1
            intervals[plannedIn].failed += 1
            isTimed = false
        }
        guard isTimed else { return }
        tallies[sample.step].latency.record(latency)
        tallies[sample.step].service.record(service)
        intervals[plannedIn].latency.record(latency)
    }

    /// Notes a call that was left out.
    public mutating func noteSkipped(planned: Duration) {
        if planned >= warmUp { skipped += 1 }
    }

    /// All calls together.
    func total() -> Tally {
        tallies.reduce(into: Tally()) { $0.add($1) }
    }

    /// Adds the figures of another part of the same run.
    public mutating func add(_ other: Recording) {
        for (step, tally) in other.tallies.enumerated() { tallies[step].add(tally) }
        for (position, interval) in other.intervals.enumerated() {
            grow(to: position)
            intervals[position].planned += interval.planned
            intervals[position].answered += interval.answered
            intervals[position].failed += interval.failed
            intervals[position].latency.add(interval.latency)
        }
        for (code, more) in other.failures {
            failures[code, default: Failures(example: more.example)].count += more.count
            failures[code]?.time.add(more.time)
        }
        lag.add(other.lag)
        warmUpCount += other.warmUpCount
        skipped += other.skipped
    }

    /// The interval of an instant; those behind the last one that is kept share it.
    private mutating func index(of instant: Duration) -> Int {
        let position = (instant - warmUp).nanoseconds / interval.nanoseconds
        // Answers still come after the end of the plan, for as long as a deadline at most.
        let index = Int(min(max(0, position), Int64(2 * Limits.intervalsMax)))
        grow(to: index)
        return index
    }

    private mutating func grow(to index: Int) {
        while intervals.count <= index { intervals.append(Interval()) }
    }

    private func microseconds(_ duration: Duration) -> UInt64 {
        // The histogram keeps what is above as its largest value.
        min(UInt64(max(0, duration.nanoseconds) / 1_000), Limits.latencyMaxMicroseconds)
    }
}
