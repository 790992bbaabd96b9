import NIOCore
import Synchronization

/// How many tries beyond the first the calls to a target bear together, on all event loops: enough
/// for a replica that goes away, too few to keep a server down that has too much to do.
final class RetryBudget: Sendable {
    /// One for each event loop, which alone writes to it.
    private let calls: [RecentCount]
    private let extra = RecentCount()
    private let hedges = RecentCount()
    /// Held by whoever spends.
    private let lock = Mutex(())

    init(calls: [RecentCount]) {
        self.calls = calls
    }

    /// Spends a try that follows a failure.
    ///
    /// - Returns: Whether there was one left.
    func takeRetry(at now: NIODeadline) -> Bool {
        lock.withLock { _ in
            guard left(at: now) > 0 else { return false }
            extra.add(at: now)
            return true
        }
    }

    /// Spends a try beside one that takes long.
    ///
    /// - Returns: Whether there was one left.
    func takeHedge(at now: NIODeadline) -> Bool {
        lock.withLock { _ in
            let share = Double(callCount(at: now)) * Limits.hedgeShare
            guard left(at: now) > 0, Double(hedges.sum(at: now) + 1) <= share else { return false }
            extra.add(at: now)
            hedges.add(at: now)
            return true
        }
    }

    /// How many tries are left at this moment.
    func left(at now: NIODeadline) -> Int {
        let earned = Double(callCount(at: now)) * Limits.retryShare
        return max(0, Limits.retriesFree + Int(earned) - extra.sum(at: now))
    }

    private func callCount(at now: NIODeadline) -> Int {
        calls.reduce(0) { $0 + $1.sum(at: now) }
    }
}

/// Counts what happened within the last 10 s, second by second.
///
/// One thread at a time adds, without a lock; any thread may read.
final class RecentCount: Sendable {
    /// The number of a second above, its count below.
    private let seconds = InlineArray<16, Atomic<UInt64>> { _ in Atomic(0) }

    /// One more has happened.
    func add(at now: NIODeadline) {
        let second = Self.second(now)
        let place = Int(second % 16)
        let old = seconds[place].load(ordering: .relaxed)
        let count = old >> 32 == second ? old & 0xffff_ffff : 0
        seconds[place].store(second << 32 | min(count + 1, 0xffff_ffff), ordering: .relaxed)
    }

    /// How many happened in this second and the nine before.
    func sum(at now: NIODeadline) -> Int {
        let second = Self.second(now)
        var sum: UInt64 = 0
        for place in 0..<16 {
            let entry = seconds[place].load(ordering: .relaxed)
            let age = Int64(second) - Int64(entry >> 32)
            if (0..<Self.window).contains(age) { sum += entry & 0xffff_ffff }
        }
        return Int(sum)
    }

    private static let window = Limits.retryWindow.components.seconds

    private static func second(_ now: NIODeadline) -> UInt64 {
        now.uptimeNanoseconds / 1_000_000_000 & 0xffff_ffff
    }
}
