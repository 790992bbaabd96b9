@testable import Agenda
import Contracts

/// What clocks show in a time zone in 2025, from the published dates alone.
///
/// It shares nothing with the calendar under test: no time zone data, no calendar library.
struct ZoneOracle: Sendable {
    let name: String
    /// The offset from UTC in minutes, from each instant (ms) on.
    let offsets: [(fromMs: Int64, minutes: Int64)]

    private init(_ name: String, _ minutes: Int64) {
        self.name = name
        offsets = [(.min, minutes)]
    }

    private init(_ name: String, winter: Int64, springMs: Int64, autumnMs: Int64) {
        self.name = name
        offsets = [(.min, winter), (springMs, winter + 60), (autumnMs, winter)]
    }

    /// The eight clocks of the regions, departments and collectivities of France that have a
    /// mission locale, and two zones more: Guadeloupe (on Martinique's clock), Wallis and Futuna.
    ///
    /// Source: `zdump -v -c 2025,2026`, checked on tzdata 2026. Paris changes on 30 March and
    /// 26 October 2025 at 01:00 UTC, Miquelon on 9 March at 05:00 and 2 November at 04:00 UTC.
    static let france: [ZoneOracle] = [
        ZoneOracle(
            "Europe/Paris",
            winter: 60,
            springMs: 1_743_296_400_000,
            autumnMs: 1_761_440_400_000
        ),
        ZoneOracle(
            "America/Miquelon",
            winter: -180,
            springMs: 1_741_496_400_000,
            autumnMs: 1_762_056_000_000
        ),
        ZoneOracle("America/Martinique", -240),
        ZoneOracle("America/Cayenne", -180),
        ZoneOracle("Indian/Reunion", 240),
        ZoneOracle("Indian/Mayotte", 180),
        ZoneOracle("Pacific/Noumea", 660),
        ZoneOracle("Pacific/Tahiti", -600),
        ZoneOracle("America/Guadeloupe", -240),
        ZoneOracle("Pacific/Wallis", 720),
    ]

    /// What the clock shows at `instantMs`, as milliseconds of a calendar without zones.
    func wall(_ instantMs: Int64) -> Int64 {
        instantMs + minutes(at: instantMs) * 60_000
    }

    /// The instants at which the clock shows `wallMs`: none in a gap, two in an overlap.
    func instants(_ wallMs: Int64) -> [Int64] {
        Set(offsets.map(\.minutes)).map { wallMs - $0 * 60_000 }.filter { wall($0) == wallMs }
            .sorted()
    }

    /// The first instant at which the clock shows `wallMs`, or the end of the gap that holds it.
    func first(_ wallMs: Int64) -> Int64 {
        if let instant = instants(wallMs).first { return instant }
        let gap = offsets.dropFirst().first { change in
            let before = minutes(at: change.fromMs - 1)
            return wallMs >= change.fromMs + before * 60_000
                && wallMs < change.fromMs + change.minutes * 60_000
        }
        return gap?.fromMs ?? .min
    }

    /// When a reminder so many days before `startMs` is due, worked out minute by minute of the rule
    /// as it is written for people.
    func due(days: Int64, before startMs: Int64) -> (sameClockMs: Int64, dueMs: Int64) {
        let day: Int64 = 86_400_000
        let target = wall(startMs) - days * day
        let timeOfDay = target % day
        let eight: Int64 = 8 * 3_600_000
        let twenty: Int64 = 20 * 3_600_000
        let moved = target - timeOfDay + min(max(timeOfDay, eight), twenty)
        return (first(target), first(moved))
    }

    private func minutes(at instantMs: Int64) -> Int64 {
        offsets.last { $0.fromMs <= instantMs }?.minutes ?? 0
    }
}
