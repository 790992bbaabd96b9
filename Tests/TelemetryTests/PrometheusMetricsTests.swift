import CoreMetrics
import Testing

@testable import Telemetry

/// The text that a scraper reads.
@Suite struct PrometheusMetricsTests {
    private func lines(_ metrics: PrometheusMetrics) -> [String] {
        metrics.text().split(separator: "\n").map(String.init)
    }

    @Test func aCounterIsOneLine() {
        let metrics = PrometheusMetrics()
        let counter = metrics.makeCounter(label: "rpc.calls", dimensions: [("code", "OK")])
        counter.increment(by: 2)
        counter.increment(by: 3)
        #expect(
            lines(metrics).prefix(2) == [
                "# TYPE rpc_calls_total counter", "rpc_calls_total{code=\"OK\"} 5",
            ]
        )
        counter.reset()
        #expect(lines(metrics).contains("rpc_calls_total{code=\"OK\"} 0"))
    }

    @Test func theSameNameAndDimensionsAreTheSameSeries() {
        let metrics = PrometheusMetrics()
        metrics.makeCounter(label: "a", dimensions: [("x", "1"), ("y", "2")]).increment(by: 1)
        metrics.makeCounter(label: "a", dimensions: [("y", "2"), ("x", "1")]).increment(by: 1)
        #expect(lines(metrics).contains("a_total{x=\"1\",y=\"2\"} 2"))
    }

    @Test func aTimerCountsIntoAllBucketsAboveIt() {
        let metrics = PrometheusMetrics()
        let timer = metrics.makeTimer(label: "wait", dimensions: [("m", "a")])
        for milliseconds: Int64 in [1, 3, 3, 20_000] {
            timer.recordNanoseconds(milliseconds * 1_000_000)
        }
        let all = lines(metrics)
        #expect(all.contains("wait_seconds_bucket{m=\"a\",le=\"0.0005\"} 0"))
        #expect(all.contains("wait_seconds_bucket{m=\"a\",le=\"0.001\"} 1"))
        #expect(all.contains("wait_seconds_bucket{m=\"a\",le=\"0.005\"} 3"))
        #expect(all.contains("wait_seconds_bucket{m=\"a\",le=\"10\"} 3"))
        #expect(all.contains("wait_seconds_bucket{m=\"a\",le=\"+Inf\"} 4"))
        #expect(all.contains("wait_seconds_sum{m=\"a\"} 20.007"))
        #expect(all.contains("wait_seconds_count{m=\"a\"} 4"))
    }

    @Test func aMeterGoesUpAndDown() {
        let metrics = PrometheusMetrics()
        let meter = metrics.makeMeter(label: "calls", dimensions: [])
        meter.increment(by: 3)
        meter.decrement(by: 1)
        #expect(lines(metrics).prefix(2) == ["# TYPE calls gauge", "calls 2"])
        meter.set(0.5)
        #expect(lines(metrics).contains("calls 0.5"))
    }

    @Test func namesAndValuesKeepToTheFormat() {
        let metrics = PrometheusMetrics()
        let value = "say \"a\\b\"\nand more"
        metrics.makeMeter(label: "1st-try é", dimensions: [("the key", value)]).set(1.0)
        #expect(
            lines(metrics).contains("_st_try__{the_key=\"say \\\"a\\\\b\\\"\\nand more\"} 1")
        )
    }

    @Test func aNameKeepsItsFirstKind() {
        let metrics = PrometheusMetrics()
        metrics.makeMeter(label: "n", dimensions: []).set(7.0)
        metrics.makeRecorder(label: "n", dimensions: [], aggregate: true).record(1.0)
        let all = lines(metrics)
        #expect(all.contains("n 7"))
        #expect(!all.contains { $0.hasPrefix("n_bucket") })
        #expect(all.contains("metrics_series_refused_total 1"))
    }

    @Test func aDestroyedSeriesIsGone() {
        let metrics = PrometheusMetrics()
        let counter = metrics.makeCounter(label: "gone", dimensions: [])
        metrics.destroyCounter(counter)
        #expect(!metrics.text().contains("gone"))
    }

    @Test func thereAreNotMoreSeriesThanTheBound() {
        let metrics = PrometheusMetrics()
        for number in 0..<(Limits.seriesMax + 5) {
            metrics.makeCounter(label: "n", dimensions: [("i", "\(number)")]).increment(by: 1)
        }
        #expect(lines(metrics).count { $0.hasPrefix("n_total{") } == Limits.seriesMax)
        #expect(lines(metrics).contains("metrics_series_refused_total 5"))
    }
}
