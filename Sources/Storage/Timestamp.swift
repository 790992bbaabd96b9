/// An instant: milliseconds since 1970-01-01 00:00 UTC, leap seconds not counted.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01 00:00 UTC; negative before.
    public let milliseconds: Int64

    /// Creates an instant from milliseconds since 1970-01-01 00:00 UTC.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Whether the left instant is earlier.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The instant that much later, to the millisecond below; stops at the ends of the range.
    public static func + (instant: Timestamp, duration: Duration) -> Timestamp {
        instant.moved(by: duration, { $0.addingReportingOverflow($1) })
    }

    /// The instant that much earlier, to the millisecond below in the duration; stops at the ends of
    /// the range.
    public static func - (instant: Timestamp, duration: Duration) -> Timestamp {
        instant.moved(by: duration, { $0.subtractingReportingOverflow($1) })
    }

    /// The time from `earlier` to this instant; negative if `earlier` is the later one.
    public func since(_ earlier: Timestamp) -> Duration {
        .milliseconds(milliseconds) - .milliseconds(earlier.milliseconds)
    }

    private func moved(
        by duration: Duration,
        _ step: (Int64, Int64) -> (partialValue: Int64, overflow: Bool)
    ) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let whole = seconds.multipliedReportingOverflow(by: 1000)
        let parts = attoseconds / 1_000_000_000_000_000
        let stepMs = whole.partialValue.addingReportingOverflow(parts)
        let isForward = step(0, seconds).partialValue >= 0
        let end: Int64 = isForward ? .max : .min
        guard !whole.overflow, !stepMs.overflow else { return Timestamp(milliseconds: end) }
        let moved = step(milliseconds, stepMs.partialValue)
        return Timestamp(milliseconds: moved.overflow ? end : moved.partialValue)
    }
}
