/// A summary as it ends a run on a terminal: what was asked first, then the figures.
public struct SummaryText {
    private let summary: Summary

    /// Writes `summary`.
    public init(_ summary: Summary) {
        self.summary = summary
    }

    /// All of it, lines ended.
    public var text: String {
        let parts = [
            head, objectives, rates, latencies, histogram, steps, codes, ramp, generator,
        ]
        return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }
            .joined(separator: "\n")
    }

    /// One rate of a search, in a line.
    public static func line(_ step: Summary.RampStep) -> String {
        "\(NumberText.short(step.rate))/s: \(NumberText.short(step.answeredRate))/s answered, "
            + "p99 \(TimeText.text(microseconds: step.p99Us)), "
            + "\(NumberText.percent(step.errorShare)) errors, "
            + verdict(step) + (step.isConfirmation ? " (confirmation)" : "")
    }

    private static func verdict(_ step: Summary.RampStep) -> String {
        if step.isKept { return "kept" }
        return step.isGeneratorBehind ? "not kept, the generator was behind" : "not kept"
    }

    private var head: [String] {
        ["\(summary.title)", "  \(LoadText.text(summary))", "  \(summary.machine)"]
    }

    private var objectives: [String] {
        guard !summary.objectives.isEmpty else { return [] }
        let width = summary.objectives.map(\.text.count).max() ?? 0
        return ["Objectives"]
            + summary.objectives.map { outcome in
                let verdict = outcome.isGood ? "good  " : "FAILED"
                let text = outcome.text.padded(to: width)
                return "  \(verdict)  \(text)  measured \(outcome.measured)"
            }
    }

    private var rates: [String] {
        let total = summary.total
        func rate(_ count: UInt64) -> String {
            "\(NumberText.short(summary.seconds > 0 ? Double(count) / summary.seconds : 0))/s"
        }
        var counts =
            "\(NumberText.grouped(total.planned)) calls in \(NumberText.short(summary.seconds)) s"
        if summary.warmUpCalls > 0 {
            counts += ", \(NumberText.grouped(summary.warmUpCalls)) of the warm-up not counted"
        }
        if summary.skippedCalls > 0 {
            counts += ", \(NumberText.grouped(summary.skippedCalls)) left out"
        }
        return [
            "Rates",
            "  planned \(rate(total.planned)), sent \(rate(total.planned - total.notStarted)), "
                + "answered \(rate(total.answered))  (\(counts))",
        ]
    }

    private var latencies: [String] {
        let total = summary.total
        guard total.latency.count > 0 else { return ["Latencies", "  no call was answered"] }
        let isOpen = summary.load.kind == "open"
        var rows = [["", "mean"] + Summary.Latency.shown.map(Self.name)]
        if isOpen { rows.append(Self.row("from planned start", total.latency)) }
        rows.append(Self.row(isOpen ? "from actual start" : "service time", total.service))
        return ["Latencies"] + TextTable.lines(rows)
    }

    private static func row(_ name: String, _ latency: Summary.Latency) -> [String] {
        [name, TimeText.text(microseconds: UInt64(latency.meanUs))]
            + Summary.Latency.shown.map { TimeText.text(microseconds: latency.us(at: $0)) }
    }

    private static func name(_ percentile: Double) -> String {
        percentile == 100 ? "max" : "p\(percentile.formattedShort)"
    }

    private var histogram: [String] {
        let classes = summary.total.latency.classes
        guard let largest = classes.map(\.count).max(), largest > 0 else { return [] }
        let all = Double(summary.total.latency.count)
        let rows = classes.map { entry in
            let width = Int((40 * Double(entry.count) / Double(largest)).rounded())
            let bar = entry.count > 0 ? String(repeating: "█", count: max(1, width)) : ""
            return [
                "≤ \(TimeText.text(microseconds: entry.upToUs))", NumberText.grouped(entry.count),
                NumberText.percent(Double(entry.count) / all), bar,
            ]
        }
        return ["Histogram"] + TextTable.lines(rows, leftAligned: [3])
    }

    private var steps: [String] {
        guard summary.steps.count > 1 else { return [] }
        let head = ["", "planned", "answered", "errors", "p50", "p95", "p99", "max"]
        let rows = summary.steps.map { step in
            [
                step.name, NumberText.grouped(step.planned), NumberText.grouped(step.answered),
                NumberText.percent(step.errorShare),
            ] + [50, 95, 99, 100].map { TimeText.text(microseconds: step.latency.us(at: $0)) }
        }
        return ["Methods"] + TextTable.lines([head] + rows, leftAligned: [0])
    }

    private var codes: [String] {
        let all = Double(max(1, summary.total.planned))
        func row(_ code: String, _ count: UInt64, _ more: [String] = []) -> [String] {
            [code, NumberText.grouped(count), NumberText.percent(Double(count) / all)] + more
        }
        let rows =
            [row("OK", summary.total.answered)]
            + summary.errors.map { error in
                let time = error.p99Us.map { "p99 \(TimeText.text(microseconds: $0))" }
                return row(error.code, error.count, [time ?? "", error.example])
            }
        return ["Codes"] + TextTable.lines(rows, leftAligned: [0, 4])
    }

    private var ramp: [String] {
        guard let ramp = summary.ramp else { return [] }
        let head = ["planned", "answered", "p99", "errors", "", ""]
        let rows = ramp.map { step in
            [
                "\(NumberText.short(step.rate))/s", "\(NumberText.short(step.answeredRate))/s",
                TimeText.text(microseconds: step.p99Us), NumberText.percent(step.errorShare),
                Self.verdict(step), step.isConfirmation ? "(confirmation)" : "",
            ]
        }
        return ["Search"] + TextTable.lines([head] + rows, leftAligned: [4, 5])
    }

    private var generator: [String] {
        let generator = summary.generator
        var line =
            "  started late by \(TimeText.text(microseconds: generator.lagP50Us)) (p50), "
            + "\(TimeText.text(microseconds: generator.lagP99Us)) (p99), "
            + "\(TimeText.text(microseconds: generator.lagMaxUs)) (max); took "
            + "\(NumberText.decimals(generator.ownCPU, 2)) of \(generator.threads) threads"
        if let busy = generator.machineBusy {
            line += "; its machine was \(NumberText.percent(busy)) busy"
        }
        guard !generator.faults.isEmpty else { return ["Generator", line] }
        return [
            "Generator", line,
            "  THE GENERATOR WAS THE BOTTLENECK: " + generator.faults.joined(separator: "; ") + ".",
            "  The figures are its own as much as the services'. Ask for less, or give it a machine "
                + "of its own.",
        ]
    }
}

/// How a load was asked for, in a line.
enum LoadText {
    static func text(_ summary: Summary) -> String {
        let load = summary.load
        var parts: [String] = []
        if let stages = load.stages, let pattern = load.pattern {
            let rates = stages.map { "\(NumberText.short($0.rate))/s" }
            parts.append(
                "open load, \(pattern.rawValue) arrivals, \(rates.joined(separator: " → "))"
            )
            parts.append("for \(NumberText.short(stages.reduce(0) { $0 + $1.seconds })) s")
        } else {
            parts.append("closed load, \(load.inFlight ?? 0) at a time")
            parts.append("for \(NumberText.short(summary.seconds + load.warmUpSeconds)) s")
        }
        parts.append("to the \(load.through)")
        parts.append("\(load.connections) connections")
        parts.append("seed \(load.seed), run \(load.run)")
        parts.append(summary.begun)
        return parts.joined(separator: ", ")
    }
}

/// Rows in columns.
enum TextTable {
    /// Lines of `rows`, indented by two; columns are aligned right but those of `leftAligned`.
    static func lines(_ rows: [[String]], leftAligned: Set<Int> = []) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                leftAligned.contains(column)
                    ? cell.padded(to: widths[column])
                    : String(repeating: " ", count: widths[column] - cell.count) + cell
            }
            var line = "  " + cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}

extension String {
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}

extension Double {
    /// Without a fraction of zero: `99`, `99.9`.
    var formattedShort: String { self == rounded() ? String(Int(self)) : String(self) }
}
