public import CoreMetrics
import Synchronization

/// Keeps the metrics of a process and writes them as Prometheus text.
///
/// Counters end in `_total`, timers are histograms in seconds. A series lives from its first use to
/// `destroy`; the same name with the same dimensions is the same series, whoever asks for it.
///
/// Source: the Prometheus text format, version 0.0.4.
public final class PrometheusMetrics: MetricsFactory {
    private struct State {
        /// By name as it is exported.
        var families: [String: Family] = [:]
        var seriesCount = 0
        var refused: UInt64 = 0
    }

    /// All series of one name.
    struct Family {
        let kind: Kind
        /// By the text between the braces.
        var series: [String: any Series] = [:]
    }

    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    private let state = Mutex(State())

    /// An empty registry.
    public init() {}

    /// All series in the text format, sorted by name and dimensions.
    public func text() -> String {
        let (families, refused) = state.withLock { ($0.families, $0.refused) }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# TYPE \(name) \(family.kind.rawValue)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.write(name, labels, into: &text)
            }
        }
        text += "# TYPE metrics_series_refused_total counter\n"
        text += "metrics_series_refused_total \(refused)\n"
        return text
    }

    /// The series of this name and these dimensions, made if there is none.
    ///
    /// What cannot be exported, because the name is of another kind already or there are too many
    /// series, works for its user and is counted as refused.
    private func series<Made: Series>(
        _ name: String,
        _ dimensions: [(String, String)],
        _ kind: Kind,
        _ make: () -> Made
    ) -> Made {
        let labels = PrometheusText.labels(dimensions)
        return state.withLock { state in
            if let known = state.families[name]?.series[labels] as? Made { return known }
            let made = make()
            let family = state.families[name] ?? Family(kind: kind)
            guard family.kind == kind, family.series[labels] == nil,
                state.seriesCount < Limits.seriesMax
            else {
                state.refused += 1
                return made
            }
            state.families[name] = family
            state.families[name]?.series[labels] = made
            state.seriesCount += 1
            return made
        }
    }

    private func remove(_ handler: AnyObject) {
        state.withLock { state in
            for (name, family) in state.families {
                for (labels, series) in family.series where series === handler {
                    state.families[name]?.series[labels] = nil
                    state.seriesCount -= 1
                    if family.series.count == 1 { state.families[name] = nil }
                    return
                }
            }
        }
    }
}

/// What swift-metrics asks for.
extension PrometheusMetrics {
    /// A counter of whole numbers.
    public func makeCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any CounterHandler {
        let name = PrometheusText.name(label, ending: "_total")
        return series(name, dimensions, .counter) { CounterSeries() }
    }

    /// A counter of fractions.
    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        let name = PrometheusText.name(label, ending: "_total")
        return series(name, dimensions, .counter) { FloatingPointSeries() }
    }

    /// A value that goes up and down.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(PrometheusText.name(label), dimensions, .gauge) { FloatingPointSeries() }
    }

    /// A value that goes up and down, or a histogram of sizes in powers of four if `aggregate`.
    public func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        let name = PrometheusText.name(label)
        guard aggregate else {
            return series(name, dimensions, .gauge) { FloatingPointSeries() }
        }
        return series(name, dimensions, .histogram) { HistogramSeries(bounds: Limits.sizeBounds) }
    }

    /// A histogram of durations in seconds.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(PrometheusText.name(label, ending: "_seconds"), dimensions, .histogram) {
            HistogramSeries(bounds: Limits.durationBounds)
        }
    }

    /// Stops exporting a counter.
    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }

    /// Stops exporting a counter.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
        remove(handler)
    }

    /// Stops exporting a value.
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }

    /// Stops exporting a value or histogram.
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }

    /// Stops exporting a histogram.
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
}
