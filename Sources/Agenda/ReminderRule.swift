import Contracts
import ServiceKit
import Storage

/// When the reminders of an appointment are due.
///
/// A reminder belongs to the appointment's clock time 7 calendar days earlier, or 1, in the young
/// person's time zone: the appointment at 10:00 on a Tuesday is reminded of at 10:00 on the Tuesday
/// and on the Monday before, whatever the clock did between. A time that the clock skipped stands
/// for the first instant behind the gap, one that it showed twice for the first. Then the reminder
/// is moved into the day: before 08:00 to 08:00, after 20:00 to 20:00, of the same day.
enum ReminderRule {
    /// A reminder to be given out at `due`.
    struct Plan: Equatable, Sendable {
        let kind: ReminderKind
        let due: Timestamp
    }

    /// The reminders of an appointment that gets its date `start` at `now`, by their time.
    ///
    /// A reminder does not exist if the appointment is less than its 7 days or 1 day ahead, if its
    /// time has passed, or if that time is not before the start (a day without daytime can only
    /// come from a zone that skips a whole day). The exact time itself is not too late.
    static func plan(
        start: Timestamp,
        in calendar: LocalCalendar,
        at now: Timestamp
    ) -> [Plan] {
        let kinds: [(kind: ReminderKind, days: Int)] = [(.weekBefore, 7), (.dayBefore, 1)]
        return kinds.compactMap { kind, days in
            let sameClock = calendar.instant(
                calendar.day(of: start).adding(days: -days),
                clockMs: calendar.clockMs(of: start)
            )
            let due = daytime(sameClock, in: calendar)
            guard sameClock >= now, due >= now, due < start else { return nil }
            return Plan(kind: kind, due: due)
        }
    }

    /// `instant`, moved into 08:00–20:00 of its day.
    private static func daytime(_ instant: Timestamp, in calendar: LocalCalendar) -> Timestamp {
        let clockMs = calendar.clockMs(of: instant)
        let day = calendar.day(of: instant)
        if clockMs < dayBeginsMs { return calendar.instant(day, clockMs: dayBeginsMs) }
        if clockMs > dayEndsMs { return calendar.instant(day, clockMs: dayEndsMs) }
        return instant
    }

    /// 08:00 by the clock's face.
    private static let dayBeginsMs: Int64 = 8 * 3_600_000
    /// 20:00 by the clock's face.
    private static let dayEndsMs: Int64 = 20 * 3_600_000
}
