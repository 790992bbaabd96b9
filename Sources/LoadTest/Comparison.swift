/// Two runs side by side.
public struct Comparison: Sendable {
    private let before: Summary
    private let after: Summary

    /// Changes below this share are noise.
    static let noise = 0.05

    /// Compares `after` with `before`.
    public init(before: Summary, after: Summary) {
        self.before = before
        self.after = after
    }

    /// One figure of both.
    struct Row: Sendable, Equatable {
        let name: String
        let before: String
        let after: String
        /// By how much it changed, as a share of the earlier; `nil` from 0.
        let change: Double?
        /// Whether it is better; `nil` if it is alike or cannot be said.
        let isBetter: Bool?
    }

    /// The table, and what differs in how the runs were made.
    public var text: String {
        var lines = ["before  \(before.title), \(LoadText.text(before))"]
        lines.append("after   \(after.title), \(LoadText.text(after))")
        if before.title != after.title { lines.append("These are runs of different things.") }
        if before.machine != after.machine {
            lines.append("The machines differ: \(before.machine); \(after.machine).")
        }
        for (name, run) in [("before", before), ("after", after)]
        where !run.generator.faults.isEmpty {
            lines.append("The generator was the bottleneck of the run \(name).")
        }
        lines.append("")
        let head = ["", "before", "after", "change", ""]
        let cells = rows.map { row in
            [
                row.name, row.before, row.after,
                row.change.map { ($0 > 0 ? "+" : "") + "\(NumberText.decimals($0 * 100, 1)) %" }
                    ?? "",
                row.isBetter.map { $0 ? "better" : "WORSE" } ?? "",
            ]
        }
        lines += TextTable.lines([head] + cells, leftAligned: [0, 4])
        return lines.joined(separator: "\n") + "\n"
    }

    /// The figures: of all calls, and of each method that both runs called.
    var rows: [Row] {
        var rows = [
            row("answered a second", rate(before), rate(after), moreIsBetter: true) {
                "\(NumberText.short($0))/s"
            },
            row("errors", before.total.errorShare, after.total.errorShare) {
                NumberText.percent($0)
            },
        ]
        for percentile in Summary.Latency.shown {
            let name = percentile == 100 ? "max" : "p\(percentile.formattedShort)"
            rows.append(latency(name, before.total, after.total, percentile))
        }
        guard before.steps.count > 1 || after.steps.count > 1 else { return rows }
        for step in before.steps {
            guard let other = after.step(step.name) else { continue }
            rows.append(latency("\(step.name) p50", step, other, 50))
            rows.append(latency("\(step.name) p99", step, other, 99))
        }
        return rows
    }

    private func rate(_ summary: Summary) -> Double {
        summary.seconds > 0 ? Double(summary.total.answered) / summary.seconds : 0
    }

    private func latency(
        _ name: String,
        _ before: Summary.Step,
        _ after: Summary.Step,
        _ percentile: Double
    ) -> Row {
        let (old, new) = (before.latency.us(at: percentile), after.latency.us(at: percentile))
        return row(name, Double(old), Double(new)) { TimeText.text(microseconds: UInt64($0)) }
    }

    private func row(
        _ name: String,
        _ before: Double,
        _ after: Double,
        moreIsBetter: Bool = false,
        _ show: (Double) -> String
    ) -> Row {
        let change = before == 0 ? nil : after / before - 1
        let isAlike = change.map { abs($0) < Self.noise } ?? (after == before)
        return Row(
            name: name,
            before: show(before),
            after: show(after),
            change: change,
            isBetter: isAlike ? nil : (after > before) == moreIsBetter
        )
    }
}
