/// A sentence about a run's figures that is true or false: `p99<50ms`, `errors>0.1%`.
///
/// `STEP:` in front asks about one step of a scenario: `Home/Get:p99<80ms`.
public struct Objective: Sendable, Equatable {
    /// What is compared.
    public enum Metric: Sendable, Equatable {
        /// Latency from the planned instant, at a percentile of 0 to 100.
        case percentile(Double)
        case mean
        /// Calls that failed or could not be started, as a share of those planned, or their number.
        case errorShare
        case errorCount
        /// Calls a second that were answered well.
        case rate
    }

    /// How it is compared.
    public enum Comparison: String, Sendable, CaseIterable {
        // Longer ones first, so that `<=` is not read as `<`.
        case atMost = "<="
        case atLeast = ">="
        case below = "<"
        case above = ">"
    }

    /// As it was written.
    public let text: String
    /// The step it is about; `nil`: all calls together.
    public let step: String?
    /// What is compared.
    public let metric: Metric
    /// How.
    public let comparison: Comparison
    /// With what: microseconds for latencies, 0 to 1 for shares.
    public let bound: Double

    /// Reads an objective.
    ///
    /// - Throws: `ObjectiveFault` with what would be right.
    public init(_ text: String) throws(ObjectiveFault) {
        self.text = text
        let compact = text.filter { !$0.isWhitespace }
        guard
            let (comparison, range) = Comparison.allCases.lazy
                .compactMap({ sign in compact.firstRange(of: sign.rawValue).map { (sign, $0) } })
                .first
        else { throw ObjectiveFault(text, "has no <, <=, > or >=") }
        self.comparison = comparison
        var left = compact[..<range.lowerBound]
        let right = compact[range.upperBound...]
        if let colon = left.lastIndex(of: ":") {
            step = String(left[..<colon])
            left = left[left.index(after: colon)...]
        } else {
            step = nil
        }
        (metric, bound) = try Self.read(left, right, in: text)
    }

    private static func read(
        _ left: Substring,
        _ right: Substring,
        in text: String
    ) throws(ObjectiveFault) -> (Metric, Double) {
        switch left {
        case "errors":
            if right.hasSuffix("%"), let percent = Double(right.dropLast()) {
                return (.errorShare, percent / 100)
            }
            guard let count = Double(right) else {
                throw ObjectiveFault(text, "needs a share or number of errors, as in errors>0.1%")
            }
            return (.errorCount, count)
        case "rate":
            guard let rate = Double(right.hasSuffix("/s") ? right.dropLast(2) : right) else {
                throw ObjectiveFault(text, "needs a rate per second, as in rate<1000")
            }
            return (.rate, rate)
        default:
            guard let metric = latency(left) else {
                throw ObjectiveFault(
                    text,
                    "starts with none of p50, p99, p99.9 …, min, mean, max, errors, rate"
                )
            }
            guard let time = TimeText.duration(right) else {
                throw ObjectiveFault(text, "needs a time with its unit, as in p99<50ms")
            }
            return (metric, Double(time.nanoseconds) / 1_000)
        }
    }

    private static func latency(_ name: Substring) -> Metric? {
        switch name {
        case "min": return .percentile(0)
        case "max": return .percentile(100)
        case "mean": return .mean
        default:
            guard name.hasPrefix("p"), let percentile = Double(name.dropFirst()),
                (0...100).contains(percentile)
            else { return nil }
            return .percentile(percentile)
        }
    }

    /// Whether the sentence is true of `value`.
    public func holds(for value: Double) -> Bool {
        switch comparison {
        case .below: value < bound
        case .atMost: value <= bound
        case .above: value > bound
        case .atLeast: value >= bound
        }
    }

    /// A measured value in the metric's unit.
    public func shown(_ value: Double) -> String {
        switch metric {
        case .percentile, .mean: TimeText.text(microseconds: UInt64(max(0, value)))
        case .errorShare: NumberText.percent(value)
        case .errorCount: NumberText.grouped(Int64(value))
        case .rate: "\(NumberText.short(value))/s"
        }
    }
}

/// A text that is no objective.
public struct ObjectiveFault: Error, CustomStringConvertible {
    /// What is wrong.
    public let description: String

    init(_ text: String, _ fault: String) {
        description = "\"\(text)\" \(fault)."
    }
}
