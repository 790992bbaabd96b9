/// What a run found: all that the text, the page, the JSON file and comparisons are made from.
public struct Summary: Codable, Sendable, Equatable {
    /// The layout of the JSON file; another number is another layout.
    public static let formatVersion = 1

    /// The layout that this was written in.
    public var format = Summary.formatVersion
    /// What was called: a method or a scenario.
    public var title: String
    /// How the run was asked for.
    public var load: Load
    /// When it began, as `2026-11-24T09:00:00Z`.
    public var begun: String
    /// The machine of the generator: processors, kernel, memory.
    public var machine: String
    /// How long was counted, without the warm-up.
    public var seconds: Double
    /// Calls of the warm-up, which nothing else counts.
    public var warmUpCalls: UInt64
    /// Calls left out because an earlier answer did not hold what they need.
    public var skippedCalls: UInt64
    /// All calls together.
    public var total: Step
    /// The calls of each method; one if only one is called.
    public var steps: [Step]
    /// How calls ended that were not answered well.
    public var errors: [ErrorCount]
    /// How it went over time.
    public var intervals: [Interval]
    /// What was asked of the figures.
    public var objectives: [Outcome]
    /// How the generator itself did.
    public var generator: Generator
    /// The search for the highest rate, if there was one.
    public var ramp: [RampStep]?

    /// How a run was asked for.
    public struct Load: Codable, Sendable, Equatable {
        /// `open` or `closed`.
        public var kind: String
        /// Of an open load.
        public var pattern: Arrivals.Pattern?
        /// Of an open load, the warm-up included.
        public var stages: [Arrivals.Stage]?
        /// Flows at a time, of a closed load.
        public var inFlight: Int?
        /// `gateway` or `services`.
        public var through: String
        /// Connections to each process.
        public var connections: Int
        /// Calls under way at most.
        public var underWayMax: Int
        /// Seconds that were not counted.
        public var warmUpSeconds: Double
        /// What data and instants were drawn from.
        public var seed: UInt64
        /// What the ids of what was written were drawn from.
        public var run: UInt64

        /// Describes a load.
        public init(_ plan: LoadPlan, through: String, connections: Int) {
            switch plan.pace {
            case .open(let arrivals):
                kind = "open"
                pattern = arrivals.pattern
                stages = arrivals.stages
            case .closed(let inFlight, _):
                kind = "closed"
                self.inFlight = inFlight
            }
            self.through = through
            self.connections = connections
            underWayMax = plan.underWayMax
            warmUpSeconds = plan.warmUp.inSeconds
            seed = plan.seed
            run = plan.run
        }
    }

    /// The calls of one method, or of all.
    public struct Step: Codable, Sendable, Equatable {
        /// Service and method, or `all`.
        public var name: String
        /// Calls that the plan had.
        public var planned: UInt64
        /// Answered with OK.
        public var answered: UInt64
        /// Ended with a status other than OK.
        public var failed: UInt64
        /// Could not be started: too much was under way.
        public var notStarted: UInt64
        /// From the planned instant to the end.
        public var latency: Latency
        /// From the start to the end.
        public var service: Latency

        /// Calls that failed or could not be started, as a share of those planned.
        public var errorShare: Double {
            planned == 0 ? 0 : Double(failed + notStarted) / Double(planned)
        }
    }

    /// Latencies, in microseconds.
    public struct Latency: Codable, Sendable, Equatable {
        /// How many were measured.
        public var count: UInt64
        /// The mean.
        public var meanUs: Double
        /// The latency that a share of calls stays within, rising; from 0 to 100 percent.
        public var percentiles: [Point]
        /// How many calls took how long; a few classes for the eye.
        public var classes: [Class]

        /// A percentile.
        public struct Point: Codable, Sendable, Equatable {
            /// 0 to 100.
            public var percentile: Double
            /// Its latency.
            public var us: UInt64
        }

        /// Calls above the class before and up to `upToUs`.
        public struct Class: Codable, Sendable, Equatable {
            /// The longest latency of the class.
            public var upToUs: UInt64
            /// How many calls.
            public var count: UInt64
        }

        /// The latency at a percentile: that of the next one known.
        public func us(at percentile: Double) -> UInt64 {
            percentiles.first { $0.percentile >= percentile - 1e-9 }?.us ?? 0
        }
    }

    /// How often calls ended in one way.
    public struct ErrorCount: Codable, Sendable, Equatable {
        /// The status, or `NOT_STARTED`.
        public var code: String
        /// How often.
        public var count: UInt64
        /// What one of them said.
        public var example: String
        /// From the start to the error, at the 99th percentile, in microseconds; absent where
        /// nothing was started.
        public var p99Us: UInt64?
    }

    /// A short time.
    public struct Interval: Codable, Sendable, Equatable {
        /// When it began, in seconds behind the warm-up.
        public var second: Double
        /// How long it is, in seconds.
        public var length: Double
        /// Calls planned in it.
        public var planned: UInt64
        /// Answers that came in it.
        public var answered: UInt64
        /// Calls planned in it that failed or could not be started.
        public var failed: UInt64
        /// Latency of the calls planned in it, in microseconds.
        public var p50Us: UInt64
        /// The same at the 99th percentile.
        public var p99Us: UInt64
    }

    /// What became of an objective.
    public struct Outcome: Codable, Sendable, Equatable {
        /// As it was written.
        public var text: String
        /// What was measured, as shown.
        public var measured: String
        /// Whether all is well: a condition to fail on is not met, one to keep is.
        public var isGood: Bool
    }

    /// How the generator itself did.
    public struct Generator: Codable, Sendable, Equatable {
        /// How late calls started: median, 99th percentile and maximum, in microseconds.
        public var lagP50Us: UInt64
        /// The 99th percentile.
        public var lagP99Us: UInt64
        /// The maximum.
        public var lagMaxUs: UInt64
        /// Its own processor time as a share of one processor's.
        public var ownCPU: Double
        /// How much of the machine was busy, with everything on it, 0 to 1; absent if unknown.
        public var machineBusy: Double?
        /// Event loops.
        public var threads: Int
        /// Why its figures are its own rather than the services'; empty if they are not.
        public var faults: [String]
    }

    /// One rate of a search.
    public struct RampStep: Codable, Sendable, Equatable {
        /// Flows a second that were planned.
        public var rate: Double
        /// Calls a second that were answered.
        public var answeredRate: Double
        /// Latency at the 99th percentile, in microseconds.
        public var p99Us: UInt64
        /// Calls that failed or could not be started, as a share.
        public var errorShare: Double
        /// Whether the objective was kept.
        public var isKept: Bool
        /// Whether the rate was measured again, for longer.
        public var isConfirmation: Bool
        /// Whether the generator itself was the bottleneck: what was not kept then may be its fault,
        /// what was kept was kept in spite of it.
        public var isGeneratorBehind: Bool
    }
}

extension Summary {
    /// The step of a name; `nil` for all.
    func step(_ name: String?) -> Step? {
        guard let name else { return total }
        return steps.first { $0.name == name }
    }

    /// The figure that an objective is about; `nil` if there is no such step.
    public func value(of objective: Objective) -> Double? {
        guard let step = step(objective.step) else { return nil }
        switch objective.metric {
        case .percentile(let percentile): return Double(step.latency.us(at: percentile))
        case .mean: return step.latency.meanUs
        case .errorShare: return step.errorShare
        case .errorCount: return Double(step.failed + step.notStarted)
        case .rate: return seconds > 0 ? Double(step.answered) / seconds : 0
        }
    }
}
