import Foundation

/// A summary as one self-contained page: figures, latency by percentile, rate and latency over time.
public struct SummaryPage {
    private let summary: Summary

    /// Draws `summary`.
    public init(_ summary: Summary) {
        self.summary = summary
    }

    /// The page.
    public var html: String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(HTMLText.escaped(summary.title))</title>
        <style>\(Self.style)</style></head><body>
        <h1>\(HTMLText.escaped(summary.title))</h1>
        \(objectives)
        \(byPercentile.html)
        \(rateOverTime.html)
        \(latencyOverTime.html)
        <h2>Figures</h2>
        <pre>\(HTMLText.escaped(SummaryText(summary).text))</pre>
        </body></html>

        """
    }

    private var objectives: String {
        guard !summary.objectives.isEmpty else { return "" }
        let items = summary.objectives.map { outcome in
            let style = outcome.isGood ? "good" : "failed"
            let verdict = outcome.isGood ? "good" : "failed"
            return "<li class=\"\(style)\">\(verdict): \(HTMLText.escaped(outcome.text)), "
                + "measured \(HTMLText.escaped(outcome.measured))</li>"
        }
        return "<ul>\(items.joined())</ul>"
    }

    /// Percentiles with each further nine as far away as the one before.
    private var byPercentile: LineChart {
        let total = summary.total
        func place(_ percentile: Double) -> Double { -log10(1 - min(percentile, 99.999) / 100) }
        func points(_ latency: Summary.Latency) -> [(x: Double, y: Double)] {
            latency.percentiles.filter { $0.percentile < 100 }
                .map { (place($0.percentile), Double($0.us)) }
        }
        let named: [Double] = [0, 50, 90, 99, 99.9, 99.99, 99.999]
        return LineChart(
            title: "Latency by percentile",
            series: [
                LineChart.Series(
                    name: "from planned start",
                    style: "a",
                    points: points(total.latency)
                ),
                LineChart.Series(
                    name: "from actual start",
                    style: "b",
                    points: points(total.service)
                ),
            ],
            xTicks: named.map { LineChart.Tick(value: place($0), label: "\($0.formattedShort) %") },
            yTicks: LineChart.ticks(upTo: Double(total.latency.us(at: 99.999)), Self.time)
        )
    }

    private var rateOverTime: LineChart {
        // Behind the plan's end only the last answers come.
        let intervals = summary.intervals.filter { $0.second < summary.seconds }
        func line(
            _ name: String,
            _ style: String,
            _ count: (Summary.Interval) -> UInt64
        )
            -> LineChart.Series
        {
            LineChart.Series(
                name: name,
                style: style,
                points: intervals.map { ($0.second, Double(count($0)) / $0.length) }
            )
        }
        let series = [
            line("planned", "b", \.planned), line("answered", "a", \.answered),
            line("errors", "c", \.failed),
        ]
        let highest = series.flatMap(\.points).map(\.y).max() ?? 0
        return LineChart(
            title: "Calls a second",
            series: series,
            xTicks: secondTicks,
            yTicks: LineChart.ticks(upTo: highest) { "\(NumberText.short($0))/s" }
        )
    }

    private var latencyOverTime: LineChart {
        let intervals = summary.intervals.filter { $0.planned > 0 }
        let highest = intervals.map(\.p99Us).max() ?? 0
        return LineChart(
            title: "Latency over time, by planned start",
            series: [
                LineChart.Series(
                    name: "p99",
                    style: "a",
                    points: intervals.map { ($0.second, Double($0.p99Us)) }
                ),
                LineChart.Series(
                    name: "p50",
                    style: "b",
                    points: intervals.map { ($0.second, Double($0.p50Us)) }
                ),
            ],
            xTicks: secondTicks,
            yTicks: LineChart.ticks(upTo: Double(highest), Self.time)
        )
    }

    private var secondTicks: [LineChart.Tick] {
        let last = summary.intervals.last
        return LineChart.ticks(upTo: max(1, last?.second ?? 0)) { "\(NumberText.short($0)) s" }
    }

    private static func time(_ microseconds: Double) -> String {
        TimeText.text(microseconds: UInt64(microseconds.rounded()))
    }

    private static let style = """
        :root{color-scheme:light dark;--a:#0b6bcb;--b:#8a8f98;--c:#c0392b}
        body{font:15px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}
        h1{font-size:1.3rem}h2{font-size:1rem;margin:1.6rem 0 .2rem}
        svg{width:100%;height:auto}pre{overflow-x:auto;font-size:12px}
        ul{list-style:none;padding:0}.good{color:#1e8449}.failed{color:var(--c);font-weight:bold}
        .grid{stroke:#8884;fill:none}.line{fill:none;stroke-width:1.8}
        .line.a{stroke:var(--a)}.line.b{stroke:var(--b)}.line.c{stroke:var(--c)}
        text{font-size:11px;fill:currentColor}.x{text-anchor:middle}
        .y{text-anchor:end;dominant-baseline:middle}
        .legend{margin:0;font-size:12px}.legend span{margin-right:1rem}
        .legend span::before{content:"— ";font-weight:bold}
        .legend .a{color:var(--a)}.legend .b{color:var(--b)}.legend .c{color:var(--c)}
        """
}
