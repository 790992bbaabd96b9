/// Everything that decides what a run does, but the services.
public struct LoadPlan: Sendable {
    /// How flows are started.
    public enum Pace: Sendable {
        /// At planned instants, whatever is answered.
        case open(Arrivals)
        /// As soon as an earlier one has ended, so many at a time in all, for so long.
        case closed(inFlight: Int, duration: Duration)
    }

    /// What is done.
    public var workload: Workload
    /// By whom.
    public var cast: Cast
    /// How fast; the warm-up is the first part of it.
    public var pace: Pace
    /// The first part, which is not counted.
    public var warmUp: Duration
    /// The longest a call may take; `nil`: as long as its method says.
    public var timeout: Duration?
    /// Calls under way at most, all event loops together.
    public var underWayMax: Int
    /// What data and instants are drawn from.
    public var seed: UInt64
    /// What the ids of what is written are drawn from: another for each run, since what is sent
    /// again under its id is answered from what is stored.
    public var run: UInt64
    /// The wall clock at the beginning, in milliseconds since 1970 UTC.
    public var nowMs: Int64
    /// On how many event loops.
    public var lanes: Int

    /// A plan.
    public init(
        workload: Workload,
        cast: Cast,
        pace: Pace,
        warmUp: Duration,
        timeout: Duration? = nil,
        underWayMax: Int,
        seed: UInt64,
        run: UInt64,
        nowMs: Int64,
        lanes: Int
    ) {
        self.workload = workload
        self.cast = cast
        self.pace = pace
        self.warmUp = warmUp
        self.timeout = timeout
        self.underWayMax = underWayMax
        self.seed = seed
        self.run = run
        self.nowMs = nowMs
        self.lanes = lanes
    }

    /// How long flows are started, the warm-up included.
    public var duration: Duration {
        switch pace {
        case .open(let arrivals): arrivals.duration
        case .closed(_, let duration): duration
        }
    }
}
