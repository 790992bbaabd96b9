/// A wait that grows with each failure in a row.
struct Backoff {
    /// The wait after the first failure.
    let first: Duration
    /// The wait never grows above this, but for the jitter.
    let max: Duration
    /// Failures since the last success.
    private(set) var failures = 0

    init(first: Duration, max: Duration) {
        self.first = first
        self.max = max
    }

    /// Counts a failure.
    ///
    /// - Parameter jitter: Between -1 and 1; moves the wait by up to a fifth either way.
    /// - Returns: How long to wait.
    mutating func fail(jitter: Double) -> Duration {
        var wait = first
        for _ in 0..<min(failures, 64) where wait < max { wait = wait * Limits.backoffFactor }
        failures += 1
        return min(wait, max) * (1 + Limits.backoffJitter * jitter)
    }

    /// It went well: the next failure counts as the first.
    mutating func reset() {
        failures = 0
    }
}
