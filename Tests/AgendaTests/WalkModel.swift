@testable import Agenda
import Contracts

/// Numbers that look random and are the same on every run (SplitMix64).
struct Dice {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func roll(_ below: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((bits ^ (bits >> 31)) % UInt64(below))
    }
}

/// What the agenda should do with every reminder, worked out from the rules and `ZoneOracle` alone.
struct WalkModel {
    struct Expected: Equatable {
        let kind: ReminderKind
        let dueMs: Int64
        var state: ReminderState
    }

    struct Entry {
        let zone: Int
        var startMs: Int64
        var isCancelled = false
        var reminders: [Expected] = []
    }

    private(set) var entries: [Entry] = []
    private(set) var given: [GivenReminder] = []
    /// How many reminders were dropped because their appointment had begun.
    private(set) var tooLate = 0
    /// The entries to look at when an instant is reached; some may have moved on.
    private var due: [Int64: [Int]] = [:]
    /// The first minute that was not walked yet.
    private var nextMs: Int64

    init(fromMs: Int64) {
        nextMs = fromMs
    }

    /// Books the next appointment and answers its number.
    mutating func book(zone: Int, startMs: Int64, nowMs: Int64) -> Int {
        entries.append(Entry(zone: zone, startMs: startMs))
        plan(entries.count - 1, nowMs)
        return entries.count - 1
    }

    mutating func move(_ number: Int, to startMs: Int64, nowMs: Int64) {
        guard !entries[number].isCancelled, entries[number].startMs != startMs else { return }
        entries[number].startMs = startMs
        plan(number, nowMs)
    }

    mutating func cancel(_ number: Int) {
        entries[number].isCancelled = true
        for index in entries[number].reminders.indices
        where entries[number].reminders[index].state == .waiting {
            entries[number].reminders[index].state = .dropped
        }
    }

    /// What became due since the last time is given out, or dropped if the appointment has begun.
    mutating func giveOut(nowMs: Int64) {
        while nextMs <= nowMs {
            giveOut(due.removeValue(forKey: nextMs) ?? [], nowMs: nowMs)
            nextMs += 60_000
        }
    }

    private mutating func giveOut(_ numbers: [Int], nowMs: Int64) {
        for number in numbers {
            var entry = entries[number]
            for index in entry.reminders.indices
            where entry.reminders[index].state == .waiting
                && entry.reminders[index].dueMs <= nowMs
            {
                let isInTime = nowMs < entry.startMs
                entry.reminders[index].state = isInTime ? .emitted : .dropped
                guard isInTime else {
                    tooLate += 1
                    continue
                }
                given.append(
                    GivenReminder(
                        atMs: nowMs,
                        appointmentID: appointmentID(number),
                        kind: entry.reminders[index].kind,
                        startMs: entry.startMs
                    )
                )
            }
            entries[number] = entry
        }
    }

    private mutating func plan(_ number: Int, _ nowMs: Int64) {
        let entry = entries[number]
        let zone = ZoneOracle.france[entry.zone]
        let kinds: [(ReminderKind, Int64)] = [(.weekBefore, 7), (.dayBefore, 1)]
        entries[number].reminders = kinds.compactMap { kind, days in
            let (sameClockMs, dueMs) = zone.due(days: days, before: entry.startMs)
            guard sameClockMs >= nowMs, dueMs >= nowMs else { return nil }
            return Expected(kind: kind, dueMs: dueMs, state: .waiting)
        }
        for reminder in entries[number].reminders {
            due[reminder.dueMs, default: []].append(number)
        }
    }
}
