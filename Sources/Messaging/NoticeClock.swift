import ServiceKit
import Storage

/// Gives out postponed notices when they are due, for as long as the process runs.
///
/// The table is the truth: what came due while the clock stood is given out when it runs again.
struct NoticeClock: Sendable {
    let postponed: PostponedNotices
    let now: @Sendable () -> Timestamp
    let sleep: @Sendable (Duration) async throws -> Void
    let report: @Sendable (any Error) -> Void

    /// Gives out until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                try await sleep(giveOutDue())
            } catch {
                if Task.isCancelled { return }
                report(error)
                try? await sleep(Limits.postponedRetryDelay)
            }
        }
    }

    /// Gives out all that is due; answers how long there is nothing to do, as far as is known now.
    func giveOutDue() async throws -> Duration {
        while let due = try await postponed.nextDue() {
            let now = now()
            guard due <= now else { return min(due.since(now), Limits.postponedSleepMax) }
            try await postponed.giveOut(at: now)
        }
        return Limits.postponedSleepMax
    }
}

/// The hours in which people are left alone: from 20:00 to 08:00 where they live.
enum QuietHours {
    /// 08:00 by the clock's face.
    private static let dayBeginsMs: Int64 = 8 * 3_600_000
    /// 20:00 by the clock's face.
    private static let dayEndsMs: Int64 = 20 * 3_600_000

    /// The first instant from `now` on that is not in them; `now` itself by day.
    static func end(from now: Timestamp, in calendar: LocalCalendar) -> Timestamp {
        let day = calendar.day(of: now)
        let clockMs = calendar.clockMs(of: now)
        if clockMs < dayBeginsMs { return calendar.instant(day, clockMs: dayBeginsMs) }
        if clockMs < dayEndsMs { return now }
        return calendar.instant(day.adding(days: 1), clockMs: dayBeginsMs)
    }
}
