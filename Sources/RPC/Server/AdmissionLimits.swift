/// The bounds of admission: how many calls are at work at once, and how many wait.
///
/// Counts are for one method; `AdmissionControl` tells how event loops share them.
extension Limits {
    /// Calls at work at once before anything is learned: 5 for each of 8 workers.
    public static let callsAtStart = 40

    /// Fewest calls let at work at once, so that work which gains from company, as commits to a
    /// disk do, is never done one by one.
    public static let callsMin = 8

    /// Most calls let at work at once: about four connections' streams.
    public static let callsMax = 1000

    /// Calls that wait for others to end on one event loop: one connection's streams, so that a
    /// burst passes.
    static let waitingCallsMax = 256

    /// Shortest time over which latency is averaged.
    static let latencyWindow: Duration = .milliseconds(100)

    /// Fewest answers that make an average.
    static let latencySamplesMin = 16

    /// Calls may take this many times their usual time before fewer are let at work.
    static let latencyTolerance = 1.5

    /// How much of the way to its target the limit goes with each average.
    static let limitSmoothing = 0.2

    /// How fast the usual latency follows a lower one: in about 2 s.
    static let usualLatencyFall = 0.05

    /// How fast it follows a higher one: in about 10 s, but at once as long as little is known.
    static let usualLatencyRise = 0.01

    /// How fast it follows a higher one that the limit itself may have caused: in about 10 min.
    static let usualLatencyRiseHeldBack = 1.0 / 6000

    /// How fast it follows a higher one if the limit has cost throughput: in about 2 s.
    static let usualLatencyRiseTooLow = 0.05

    /// How fast it falls if calls are in each other's way: in about 10 s.
    static let usualLatencyFallCrowded = 0.01

    /// How much the rate of answers goes towards that of each window.
    static let rateSmoothing = 0.3

    /// How fast the best rate is forgotten: in about 50 s.
    static let bestRateFall = 0.002

    /// A limit that keeps this share of the best rate costs no throughput.
    static let rateKept = 0.9

    /// A queue that has not been empty for this long, or twice a call's latency, is no burst.
    static let burstMax: Duration = .milliseconds(100)

    /// Longest expected wait, unless a call's own latency is more, at which a call still joins a
    /// queue that is no burst.
    static let standingWaitMax: Duration = .milliseconds(40)

    /// Least time after which a caller is asked to come back.
    static let comeBackMin: Duration = .milliseconds(10)

    /// Most time after which a caller is asked to come back.
    static let comeBackMax: Duration = .seconds(1)
}
