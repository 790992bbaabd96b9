import Storage
import Synchronization

/// A clock that tests move.
final class TestClock: Sendable {
    private let time: Mutex<Timestamp>

    /// Stands at 24 November 2026, 10:00 UTC, a Tuesday.
    init(_ milliseconds: Int64 = 1_795_514_400_000) {
        time = Mutex(Timestamp(milliseconds: milliseconds))
    }

    var now: Timestamp { time.withLock { $0 } }

    func move(_ duration: Duration) {
        time.withLock { $0 = $0 + duration }
    }
}
