/// Every bound of the load generator, with its unit and its reason.
public enum Limits {
    /// Calls under way per connection unless said otherwise: a connection takes 256 at once, and the
    /// client lets about a thousand more wait for their turn.
    public static let underWayPerConnection = 1_000
    /// Most calls under way that may be asked for: each takes some kilobytes.
    public static let underWayMax = 1_000_000
    /// Flows under way: most of them pause and hold nothing but their place.
    public static let flowsUnderWayMax = 200_000
    /// Most connections of one run; half the file descriptors that a process usually may open.
    public static let connectionsMax = 8_192
    /// Highest rate, in flows a second: beyond what one generator can start.
    public static let rateMax = 1_000_000.0
    /// Longest run.
    public static let durationMax: Duration = .seconds(24 * 3_600)
    /// Calls of methods without a time limit of their own get this one.
    public static let callTimeout: Duration = .seconds(10)
    /// Calls started in one go when the generator is behind; then answers are looked at again.
    static let burstMax = 64
    /// The slice that the generator's threads ask for: the shortest that the kernel gives.
    static let sliceNanoseconds: UInt64 = 100_000
    /// The longest sleep: how soon a stopped run notices.
    static let napMax: Duration = .milliseconds(200)
    /// Points in time for which rates and percentiles are kept apart; a longer run has longer
    /// intervals.
    static let intervalsMax = 600
    /// The shortest interval.
    static let intervalMin: Duration = .seconds(1)
    /// Longest latency that is told apart, in microseconds: an hour.
    static let latencyMaxMicroseconds: UInt64 = 3_600_000_000
    /// Characters of an error's message that are kept as an example.
    static let exampleCharacters = 200
    /// Lag behind the schedule, at the 99th percentile, beyond which the generator itself counts as
    /// the bottleneck.
    public static let lagMax: Duration = .milliseconds(5)
    /// Share of its threads' time beyond which the generator itself counts as the bottleneck.
    public static let ownCPUMax = 0.9
    /// Words or characters that one template value may ask for.
    static let templateLengthMax = 100_000
    /// Requests prepared ahead from one template, see `RequestMaker`.
    static let variants = 256
    /// Bytes of a scenario file.
    public static let scenarioBytesMax = 1 << 20
    /// Endless streams of one run: what is to be held in the whole country.
    public static let streamsMax = 30_000
    /// Endless streams on one connection: below the 256 that a server accepts.
    public static let streamsPerConnection = 200
    /// Endless streams that are being opened at once.
    static let openingMax = 64
    /// How long opening all streams may take: so long, and so much more for each.
    static let openingTime: Duration = .seconds(10)
    static let openingTimeEach: Duration = .milliseconds(20)
    /// How often it is looked whether more may be opened.
    static let openingLook: Duration = .milliseconds(5)
    /// How long a stream that ended waits before it is opened again.
    static let reopenWait: Duration = .milliseconds(200)
    /// Changes that are compared between streams; some 200 bytes each.
    static let changesComparedMax = 1_000_000
    /// By how much a service's clock may be ahead of the generator's, in milliseconds: changes from
    /// before a stream was open are not to count as lost on it.
    static let clockDifferenceMs: Int64 = 500
    /// Changes younger than this at the end may still be on their way, in milliseconds.
    static let eventsOnTheirWayMs: Int64 = 2_000
    /// Steps of a search for the highest rate, confirmations included.
    static let rampStepsMax = 40
}
