import Contracts
import RPC
import ServiceKit
import Storage

/// The week's hours: sums over actions by due date and over time spent by day.
struct WeekStore: Sendable {
    let database: Database

    /// Minutes by category, and how many actions are open and late.
    private struct Sums {
        var planned: [Category: UInt32] = [:]
        var done: [Category: UInt32] = [:]
        var open: UInt32 = 0
        var late: UInt32 = 0
    }

    /// One young person's week around a day; around today without one.
    func week(
        of id: String,
        around day: LocalDay?,
        for caller: Caller,
        now: Timestamp
    ) async throws -> Week {
        try await database.read { reader in
            let member = try Caseload.member(id, for: caller, in: reader)
            let today = try LocalCalendar(timeZone: member.timeZone).day(of: now)
            let monday = (day ?? today).monday
            let sums = try Self.sums(
                "= ?",
                [.text(id)],
                monday: monday,
                today: today,
                in: reader
            )
            return Self.week(of: id, monday, sums[id] ?? Sums())
        }
    }

    /// This week of every young person of a counsellor, by id.
    func caseload(of counsellorID: String, now: Timestamp) async throws -> [CaseloadWeek] {
        try await database.read { reader in
            let members = try Caseload.members(of: counsellorID, in: reader)
            // A caseload nearly always lies in one zone, so this is one round of sums, not one each.
            let zones = Dictionary(grouping: members, by: \.timeZone)
            var weeks: [String: CaseloadWeek] = [:]
            for (zone, members) in zones {
                let today = try LocalCalendar(timeZone: zone).day(of: now)
                let marks = members.map { _ in "?" }.joined(separator: ", ")
                let sums = try Self.sums(
                    "IN (\(marks))",
                    members.map { .text($0.youngPersonID) },
                    monday: today.monday,
                    today: today,
                    in: reader
                )
                for member in members {
                    let own = sums[member.youngPersonID] ?? Sums()
                    weeks[member.youngPersonID] = CaseloadWeek(
                        week: Self.week(of: member.youngPersonID, today.monday, own),
                        openActions: own.open,
                        lateActions: own.late
                    )
                }
            }
            return members.compactMap { weeks[$0.youngPersonID] }
        }
    }

    private static func sums(
        _ match: String,
        _ people: [SQLValue],
        monday: LocalDay,
        today: LocalDay,
        in queries: some Queries
    ) throws -> [String: Sums] {
        let period: [SQLValue] = [
            .text(monday.description), .text(monday.adding(days: 6).description),
        ]
        var sums: [String: Sums] = [:]
        let planned = """
            SELECT young_person_id, category, SUM(estimated_minutes) AS minutes FROM action
            WHERE young_person_id \(match) AND due_date BETWEEN ? AND ? AND status <> 4
            GROUP BY young_person_id, category
            """
        for row in try queries.rows(planned, people + period) {
            sums[try row.text("young_person_id"), default: Sums()]
                .planned[try category(row)] = UInt32(truncatingIfNeeded: try row.int("minutes"))
        }
        let done = """
            SELECT w.young_person_id AS young_person_id, a.category AS category,
                SUM(w.minutes) AS minutes
            FROM work w JOIN action a ON a.id = w.action_id
            WHERE w.young_person_id \(match) AND w.day BETWEEN ? AND ?
            GROUP BY w.young_person_id, a.category
            """
        for row in try queries.rows(done, people + period) {
            sums[try row.text("young_person_id"), default: Sums()]
                .done[try category(row)] = UInt32(truncatingIfNeeded: try row.int("minutes"))
        }
        let open = """
            SELECT young_person_id, COUNT(*) AS open,
                SUM(CASE WHEN sort_key < ? THEN 1 ELSE 0 END) AS late
            FROM action WHERE young_person_id \(match) AND sort_key < '1' GROUP BY young_person_id
            """
        for row in try queries.rows(open, [.text("0\(today)")] + people) {
            let id = try row.text("young_person_id")
            sums[id, default: Sums()].open = UInt32(truncatingIfNeeded: try row.int("open"))
            sums[id, default: Sums()].late = UInt32(truncatingIfNeeded: try row.int("late"))
        }
        return sums
    }

    private static func category(_ row: Row) throws -> Category {
        Category(rawValue: Int32(truncatingIfNeeded: try row.int("category")))
    }

    private static func week(of id: String, _ monday: LocalDay, _ sums: Sums) -> Week {
        let categories = Set(sums.planned.keys).union(sums.done.keys)
            .sorted { $0.rawValue < $1.rawValue }
        let counted = categories.filter { $0 != .nonSnp }
        return Week(
            youngPersonID: id,
            monday: monday.description,
            plannedMinutes: counted.reduce(0) { $0 + (sums.planned[$1] ?? 0) },
            doneMinutes: counted.reduce(0) { $0 + (sums.done[$1] ?? 0) },
            targetMinMinutes: Limits.targetMinutesMin,
            targetMaxMinutes: Limits.targetMinutesMax,
            categories: categories.map { category in
                CategoryMinutes(
                    category: category,
                    plannedMinutes: sums.planned[category] ?? 0,
                    doneMinutes: sums.done[category] ?? 0
                )
            }
        )
    }
}
