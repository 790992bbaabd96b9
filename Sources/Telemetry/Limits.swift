/// Every bound of what a process tells of itself.
enum Limits {
    /// Series that a process exports: a few hundred methods and codes, with room; a dimension that
    /// takes its values from outside must not fill the memory.
    static let seriesMax = 10_000

    /// Upper bounds of the durations' buckets in seconds: from a call that only reads a key to one
    /// that ends at its deadline.
    static let durationBounds = [
        0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    /// Upper bounds of the sizes' buckets in bytes: powers of four up to 16 MiB.
    static let sizeBounds = (2...12).map { Double(1 << (2 * $0)) }

    /// Requests for metrics at once; more are closed as they come.
    static let scrapesMax = 16

    /// How long a request for metrics may take from its connection's first byte to its last.
    static let scrapeSeconds: Int64 = 10
}
