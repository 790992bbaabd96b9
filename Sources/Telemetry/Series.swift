import CoreMetrics
import Synchronization

/// One line, or one histogram, of the exported text.
protocol Series: AnyObject, Sendable {
    /// Appends the series; `labels` is what stands between the braces.
    func write(_ name: String, _ labels: String, into text: inout String)
}

/// A counter of whole numbers.
final class CounterSeries: Series, CounterHandler {
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }

    func reset() { value.store(0, ordering: .relaxed) }

    func write(_ name: String, _ labels: String, into text: inout String) {
        PrometheusText.line(name, labels, "\(value.load(ordering: .relaxed))", into: &text)
    }
}

/// A counter of fractions, or a value that goes up and down.
final class FloatingPointSeries: Series, FloatingPointCounterHandler, MeterHandler, RecorderHandler
{
    private let value = Mutex(0.0)

    func increment(by amount: Double) { value.withLock { $0 += amount } }

    func decrement(by amount: Double) { increment(by: -amount) }

    func reset() { set(0.0) }

    func set(_ value: Int64) { set(Double(value)) }

    func set(_ value: Double) { self.value.withLock { $0 = value } }

    func record(_ value: Int64) { set(Double(value)) }

    func record(_ value: Double) { set(value) }

    func write(_ name: String, _ labels: String, into text: inout String) {
        let number = PrometheusText.number(value.withLock { $0 })
        PrometheusText.line(name, labels, number, into: &text)
    }
}

/// Counts by size of value, and their sum.
final class HistogramSeries: Series, TimerHandler, RecorderHandler {
    private struct State {
        /// One for each bound, and one for what is above all of them.
        var counts: [UInt64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    /// `bounds` rise; a value equal to a bound counts below it.
    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        // Short enough that halving it would gain nothing.
        let place = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[place] += 1
            state.sum += value
        }
    }

    func write(_ name: String, _ labels: String, into text: inout String) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        let separator = labels.isEmpty ? "" : ","
        var total: UInt64 = 0
        for (place, count) in counts.enumerated() {
            total += count
            let bound = place < bounds.count ? PrometheusText.number(bounds[place]) : "+Inf"
            let all = "\(labels)\(separator)le=\"\(bound)\""
            PrometheusText.line("\(name)_bucket", all, "\(total)", into: &text)
        }
        PrometheusText.line("\(name)_sum", labels, PrometheusText.number(sum), into: &text)
        PrometheusText.line("\(name)_count", labels, "\(total)", into: &text)
    }
}
