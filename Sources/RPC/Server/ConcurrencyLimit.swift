import NIOCore

/// How many calls of one method are let at work at once, learned from how long they take.
///
/// A gradient: as long as calls take about as long as they usually do, the limit grows; when they
/// take longer than that, work is queueing somewhere below, and the limit falls with the ratio of
/// the two. It moves only while it is used, since latency on an idle machine tells of the machine
/// and not of the load.
///
/// What is usual follows what is, but slowly while the limit holds calls back, or it would get used
/// to any queue. Unless fewer calls are served than at best: if that was at a higher limit, it was
/// no queue that took the time, and what is usual is too low; if it was at a lower one, calls are
/// in each other's way, and what is usual is too high.
///
/// Source: Gradient2 of Netflix' concurrency-limits, with a start like TCP's and the look at the
/// rate.
struct ConcurrencyLimit {
    private let bounds: AdmissionControl
    private var exact: Double
    /// Calls at work.
    private(set) var inFlight = 0
    /// How long calls took lately, in nanoseconds; 0 before the first window.
    private(set) var latency = 0.0
    /// How long they take usually, in nanoseconds.
    private var usual = 0.0
    /// Whether the limit doubles with each window that it holds calls back in: nothing is known
    /// yet of how many are good.
    private var isStarting = true

    /// Answers per nanosecond, lately and at their best.
    private var rate = 0.0
    private var bestRate = 0.0
    /// Calls at work at the best rate.
    private var peakAtBest = 0

    private var windows = 0
    private var windowStart = NIODeadline.uptimeNanoseconds(0)
    private var samples = 0
    private var sum = 0.0
    private var peak = 0

    init(_ bounds: AdmissionControl) {
        self.bounds = bounds
        exact = Double(bounds.callsAtStart)
    }

    /// The limit now, in calls.
    var value: Int { Int(exact) }

    /// Whether one more may begin.
    var hasRoom: Bool { inFlight < value }

    /// A call begins to work.
    mutating func begin() {
        inFlight += 1
        peak = max(peak, inFlight)
    }

    /// A call no longer works.
    mutating func end() {
        inFlight -= 1
    }

    /// A call was answered at `now`, `time` after it began.
    mutating func took(_ time: TimeAmount, now: NIODeadline) {
        if samples == 0, windows == 0 { windowStart = now - time }
        samples += 1
        sum += Double(time.nanoseconds)
        guard samples >= Limits.latencySamplesMin else { return }
        let span = now - windowStart
        guard span >= TimeAmount(Limits.latencyWindow) else { return }
        close(
            average: max(1, sum / Double(samples)),
            rate: Double(samples) / Double(span.nanoseconds)
        )
        windowStart = now
        samples = 0
        sum = 0
        peak = inFlight
    }

    private mutating func close(average: Double, rate: Double) {
        windows += 1
        self.rate += (rate - self.rate) * (windows == 1 ? 1 : Limits.rateSmoothing)
        bestRate *= 1 - Limits.bestRateFall
        if self.rate > bestRate {
            bestRate = self.rate
            peakAtBest = peak
        }
        latency = latency == 0 ? average : (latency + average) / 2
        if usual == 0 { usual = average }
        let isHoldingBack = peak >= value
        if Double(peak) * 2 >= exact { move(average, isHoldingBack) }
        learn(average, isHoldingBack)
    }

    private mutating func move(_ average: Double, _ isHoldingBack: Bool) {
        let gradient = min(1, max(0.5, Limits.latencyTolerance * usual / average))
        if gradient < 1 { isStarting = false }
        if isStarting {
            if isHoldingBack { exact *= 2 }
        } else {
            // The root lets a limit that is too low find the way up, and leaves a short queue.
            let target = exact * gradient + exact.squareRoot()
            exact += (target - exact) * Limits.limitSmoothing
        }
        exact = min(max(exact, Double(bounds.callsMin)), Double(bounds.callsMax))
    }

    private mutating func learn(_ average: Double, _ isHoldingBack: Bool) {
        let isSlow = isHoldingBack && rate < bestRate * Limits.rateKept
        if isSlow, value > peakAtBest {
            usual *= 1 - Limits.usualLatencyFallCrowded
            return
        }
        let weight =
            if average < usual {
                Limits.usualLatencyFall
            } else if !isHoldingBack {
                max(Limits.usualLatencyRise, 1 / Double(windows))
            } else if isSlow {
                Limits.usualLatencyRiseTooLow
            } else {
                Limits.usualLatencyRiseHeldBack
            }
        usual += (average - usual) * weight
    }
}
