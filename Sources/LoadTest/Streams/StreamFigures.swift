import Histogram

/// What many endless streams brought.
public struct StreamFigures: Codable, Sendable, Equatable {
    /// Streams that were to be held.
    public var streams = 0
    /// Streams that were open at some time.
    public var opened = 0
    /// Streams that were open at the end.
    public var openAtEnd = 0
    /// How long they were held once all had been tried, in seconds.
    public var seconds = 0.0
    /// Changes that came, each once for each stream that it came on.
    public var events: UInt64 = 0
    /// From the change's time until it came, in microseconds.
    ///
    /// What was missed between two connections is included. The services tell milliseconds, by
    /// their machines' clocks.
    public var delay = Summary.Latency(Recording.Latencies(numberOfSignificantValueDigits: .three))
    /// Changes that a stream should have brought and did not.
    public var lost: UInt64 = 0
    /// Changes that came on one stream twice, or behind a later one.
    public var doubled: UInt64 = 0
    /// Streams opened again after they had been open.
    public var reconnects: UInt64 = 0
    /// How streams ended before the run did, or could not be opened.
    public var endings: [Summary.ErrorCount] = []
    /// Whether so much came that not everything was compared between streams.
    public var isPartlyCompared = false
    /// What was asked of the figures.
    public var objectives: [Summary.Outcome] = []

    /// What must not be: changes lost or doubled, and streams that were not there at the end.
    public var faults: UInt64 { lost + doubled + UInt64(streams - openAtEnd) }

    /// Notes for each condition whether it came true.
    ///
    /// Times are about the delay, `errors` about faults, `rate` about events a second.
    public mutating func judge(failIf conditions: [Objective]) {
        objectives = conditions.map { condition in
            let value =
                switch condition.metric {
                case .percentile(let percentile): Double(delay.us(at: percentile))
                case .mean: delay.meanUs
                case .errorShare: Double(faults) / Double(max(1, events + lost))
                case .errorCount: Double(faults)
                case .rate: seconds > 0 ? Double(events) / seconds : 0
                }
            return Summary.Outcome(
                text: condition.text,
                measured: condition.shown(value),
                isGood: !condition.holds(for: value)
            )
        }
    }

    /// All of it as it ends a run on a terminal.
    public var text: String {
        func count(_ count: UInt64) -> String { NumberText.grouped(count) }
        var lines = objectives.map { outcome in
            "\(outcome.isGood ? "good  " : "FAILED")  \(outcome.text)  measured \(outcome.measured)"
        }
        lines.append(
            "\(openAtEnd) of \(streams) streams open after \(NumberText.short(seconds)) s, "
                + "\(opened) were at some time; \(count(reconnects)) opened again"
        )
        let rate = NumberText.short(seconds > 0 ? Double(events) / seconds : 0)
        lines.append(
            "\(count(events)) events (\(rate)/s), \(count(lost)) lost, \(count(doubled)) doubled"
                + (isPartlyCompared ? "; not all of them were compared" : "")
        )
        if delay.count > 0 {
            let shown = Summary.Latency.shown.map { percentile in
                let name = percentile == 100 ? "max" : "p\(percentile.formattedShort)"
                return "\(name) \(TimeText.text(microseconds: delay.us(at: percentile)))"
            }
            lines.append("delay  " + shown.joined(separator: "  "))
        }
        lines += endings.map { "\(count($0.count)) × \($0.code): \($0.example)" }
        return lines.joined(separator: "\n") + "\n"
    }
}
