/// Measures rate after rate until the highest that keeps its objectives is found.
public struct Ramp: Sendable {
    /// What the rates have to keep.
    public let objectives: [Objective]
    /// How long a rate is measured; confirmations take twice as long.
    public let stepDuration: Duration

    /// Beyond this share of errors a rate is not kept, unless an objective speaks of errors.
    static let errorShareMax = 0.001
    /// Below this share of the planned calls answered a rate is not kept: a service that falls behind
    /// may still look quick for a few seconds.
    static let answeredShareMin = 0.98

    /// Prepares a search.
    public init(objectives: [Objective], stepDuration: Duration) {
        self.objectives = objectives
        self.stepDuration = stepDuration
    }

    /// What a search found.
    public struct Found: Sendable {
        /// The highest rate that was kept, in flows a second; `nil`: none was.
        public var rate: Double?
        /// Every rate that was measured, in order.
        public var steps: [Summary.RampStep]
        /// The figures of the last one.
        public var last: Summary?
    }

    /// Searches from `start` on.
    ///
    /// - Parameters:
    ///   - start: The first rate, in flows a second.
    ///   - measure: Runs at a rate for a time and sums it up; `nil` ends the search.
    ///   - report: Told of each rate.
    /// - Returns: what was found so far if the search was ended.
    /// - Throws: what `measure` throws.
    public func run(
        from start: Double,
        measure: (_ rate: Double, _ duration: Duration) async throws -> Summary?,
        report: (Summary.RampStep) -> Void
    ) async throws -> Found {
        var search = RampSearch(start: start)
        var found = Found(rate: nil, steps: [], last: nil)
        while case .measure(let rate, let isConfirmation) = search.move {
            let duration = isConfirmation ? stepDuration * 2 : stepDuration
            guard let summary = try await measure(rate, duration) else { return found }
            let step = Summary.RampStep(
                rate: rate,
                answeredRate: Double(summary.total.answered) / summary.seconds,
                p99Us: summary.total.latency.us(at: 99),
                errorShare: summary.total.errorShare,
                isKept: isKept(summary),
                isConfirmation: isConfirmation,
                isGeneratorBehind: !summary.generator.faults.isEmpty
            )
            found.steps.append(step)
            found.last = summary
            report(step)
            search.note(isKept: step.isKept)
        }
        if case .end(let rate) = search.move { found.rate = rate }
        return found
    }

    /// Whether a run kept what is asked of it.
    func isKept(_ summary: Summary) -> Bool {
        let speaksOfErrors = objectives.contains {
            $0.metric == .errorShare || $0.metric == .errorCount
        }
        guard speaksOfErrors || summary.total.errorShare <= Self.errorShareMax else { return false }
        let planned = Double(summary.total.planned)
        guard planned > 0, Double(summary.total.answered) >= Self.answeredShareMin * planned else {
            return false
        }
        return objectives.allSatisfy { objective in
            summary.value(of: objective).map(objective.holds) ?? false
        }
    }
}
