import ClientKit

/// What a template's places are filled from: one flow's person, its draws and what it captured.
struct Scene: Sendable {
    let cast: Cast
    let actor: CastMember
    /// The flow's number, from 1.
    let number: UInt64
    /// Milliseconds since 1970 UTC.
    let nowMs: Int64
    /// The beginning of a half hour, see `slot(after:_:)`.
    let slotStartMs: Int64
    var random: SeededGenerator
    /// What ids are drawn from: of their own, since what a run writes must be new even if its data
    /// is that of an earlier one.
    var ids: SeededGenerator
    var captured: [String: String] = [:]

    /// How long a slot lasts.
    static let slotMs: Int64 = 30 * 60_000

    /// The scene of a flow that begins now.
    init(
        cast: Cast,
        role: Persona,
        number: UInt64,
        nowMs: Int64,
        random start: SeededGenerator,
        ids: SeededGenerator
    ) {
        var random = start
        self.cast = cast
        self.number = number
        self.nowMs = nowMs
        self.ids = ids
        actor = cast.actor(role, &random)
        slotStartMs = Self.slot(after: nowMs, &random)
        self.random = random
    }

    /// A half hour between 07:00 and 17:00 UTC on a working day of the next four weeks: when
    /// counsellors book.
    static func slot(after nowMs: Int64, _ random: inout SeededGenerator) -> Int64 {
        let dayMs: Int64 = 86_400_000
        // 1970-01-01 was a Thursday: day 4 was the first Monday.
        let today = nowMs / dayMs
        let monday = today - (today + 3) % 7 + 7
        let week = Int64(random.below(4))
        let weekday = Int64(random.below(5))
        let halfHour = Int64(random.below(20))
        return (monday + 7 * week + weekday) * dayMs + 7 * 3_600_000 + halfHour * slotMs
    }
}
