import Histogram

/// The one line that tells how a run goes while it does.
public struct LiveLine: Sendable {
    private var answered: UInt64 = 0
    private let began = ContinuousClock.now
    private var last = ContinuousClock.now

    /// Starts now.
    public init() {}

    /// The line for the figures so far.
    public mutating func text(_ recording: Recording, underWay: Int) -> String {
        let now = ContinuousClock.now
        let total = recording.total()
        let elapsed = (now - last).inSeconds
        let rate =
            elapsed > 0 ? Double(total.answered - min(answered, total.answered)) / elapsed : 0
        (last, answered) = (now, total.answered)
        let seconds = NumberText.decimals((now - began).inSeconds, 0)
        if total.planned == 0 { return "\(seconds) s  warming up, \(underWay) under way" }
        let p99 = TimeText.text(microseconds: total.latency.valueAtPercentile(99))
        let bad = NumberText.grouped(total.failed + total.notStarted)
        return "\(seconds) s  \(NumberText.short(rate))/s answered  p99 \(p99)  "
            + "\(bad) errors  \(underWay) under way"
    }
}
