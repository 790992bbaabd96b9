import Histogram
import RPC

extension Summary {
    /// Sums up a run.
    ///
    /// - Parameters:
    ///   - recording: The figures.
    ///   - plan: What they are of.
    ///   - about: What was called, how, when and where.
    ///   - cost: What the run took of the generator's machine.
    ///   - stoppedAfter: When it was ended early; `nil` if it was not.
    public init(
        _ recording: Recording,
        of plan: LoadPlan,
        about: About,
        cost: OwnCost,
        stoppedAfter: Duration? = nil
    ) {
        title = about.title
        load = Load(plan, through: about.through, connections: about.connections)
        begun = about.begun
        machine = about.machine
        let end = min(stoppedAfter ?? plan.duration, plan.duration)
        seconds = max(0, (end - plan.warmUp).inSeconds)
        warmUpCalls = recording.warmUpCount
        skippedCalls = recording.skipped
        total = Step("all", recording.total())
        steps = zip(plan.workload.stepNames, recording.tallies).map { Step($0, $1) }
        errors = Self.errors(recording, notStarted: total.notStarted)
        intervals = Self.intervals(recording)
        objectives = []
        generator = Generator(recording, plan, cost)
    }

    /// What a run is called, and where it ran.
    public struct About: Sendable {
        /// What was called.
        public var title: String
        /// `gateway` or `services`.
        public var through: String
        /// Connections to each process.
        public var connections: Int
        /// When it began.
        public var begun: String
        /// The generator's machine.
        public var machine: String

        /// Names a run.
        public init(
            title: String,
            through: String,
            connections: Int,
            begun: String,
            machine: String
        ) {
            self.title = title
            self.through = through
            self.connections = connections
            self.begun = begun
            self.machine = machine
        }
    }

    private static func errors(_ recording: Recording, notStarted: UInt64) -> [ErrorCount] {
        var errors = recording.failures.map { code, failures in
            ErrorCount(
                code: code.name,
                count: failures.count,
                example: failures.example,
                p99Us: failures.time.valueAtPercentile(99)
            )
        }
        if notStarted > 0 {
            errors.append(
                ErrorCount(
                    code: "NOT_STARTED",
                    count: notStarted,
                    example: "As many calls as allowed were under way."
                )
            )
        }
        return errors.sorted { ($1.count, $0.code) < ($0.count, $1.code) }
    }

    private static func intervals(_ recording: Recording) -> [Interval] {
        let length = recording.interval.inSeconds
        return recording.intervals.enumerated().map { position, interval in
            Interval(
                second: Double(position) * length,
                length: length,
                planned: interval.planned,
                answered: interval.answered,
                failed: interval.failed,
                p50Us: interval.latency.valueAtPercentile(50),
                p99Us: interval.latency.valueAtPercentile(99)
            )
        }
    }
}

extension Summary.Step {
    init(_ name: String, _ tally: Recording.Tally) {
        self.name = name
        planned = tally.planned
        answered = tally.answered
        failed = tally.failed
        notStarted = tally.notStarted
        latency = Summary.Latency(tally.latency)
        service = Summary.Latency(tally.service)
    }
}

extension Summary.Latency {
    /// The percentiles that every table shows.
    public static let shown: [Double] = [50, 75, 90, 95, 99, 99.9, 99.99, 100]

    init(_ histogram: Recording.Latencies) {
        count = histogram.totalCount
        let isEmpty = histogram.totalCount == 0
        meanUs = isEmpty ? 0 : histogram.mean
        percentiles = Self.grid.map {
            Point(percentile: $0, us: isEmpty ? 0 : histogram.valueAtPercentile($0))
        }
        classes = Self.classes(histogram)
    }

    /// Every percent, and ever finer towards 100.
    private static let grid: [Double] =
        (0..<100).map(Double.init)
        + (1...9).map { 99 + Double($0) / 10 } + (1...9).map { 99.9 + Double($0) / 100 }
        + (1...9).map { 99.99 + Double($0) / 1_000 } + [100]

    /// Classes with bounds of 1, 2 and 5 times powers of ten, from the shortest to the longest.
    private static func classes(_ histogram: Recording.Latencies) -> [Class] {
        var classes: [Class] = []
        var bound: UInt64 = 1
        var factors = [2, 5, 10]
        var base: UInt64 = 1
        for value in histogram.recordedValues() {
            while value.value > bound {
                // Empty classes between others are shown, those before the first are not.
                if let last = classes.last, last.upToUs != bound {
                    classes.append(Class(upToUs: bound, count: 0))
                }
                bound = base * UInt64(factors.removeFirst())
                if factors.isEmpty {
                    base = bound
                    factors = [2, 5, 10]
                }
            }
            if classes.last?.upToUs == bound {
                classes[classes.count - 1].count += UInt64(value.count)
            } else {
                classes.append(Class(upToUs: bound, count: UInt64(value.count)))
            }
        }
        return classes
    }
}

extension Summary.Generator {
    init(_ recording: Recording, _ plan: LoadPlan, _ cost: OwnCost) {
        let lag = recording.lag
        lagP50Us = lag.valueAtPercentile(50)
        lagP99Us = lag.valueAtPercentile(99)
        lagMaxUs = lag.max
        ownCPU = cost.ownCPU
        machineBusy = cost.machineBusy
        threads = plan.lanes
        faults = []
        let lagMax = UInt64(Limits.lagMax.nanoseconds / 1_000)
        if case .open = plan.pace, lagP99Us > lagMax {
            faults.append(
                "1 % of the calls started more than \(TimeText.text(microseconds: lagP99Us)) late"
            )
        }
        if ownCPU > Limits.ownCPUMax * Double(threads) {
            faults.append(
                "it took \(NumberText.decimals(ownCPU, 2)) of its \(threads) threads' time"
            )
        }
    }
}
