import ServiceKit
import Storage

/// The time spent on actions, by day: the week's hours are sums over it.
///
/// For each action the days' minutes always add up to its `done_minutes`.
enum WorkDays {
    /// Brings an action's days in line with its new total: more goes to `day`, less is taken from
    /// the latest days.
    static func record(
        _ row: ActionRow,
        from before: UInt32,
        on day: LocalDay,
        in transaction: Transaction
    ) throws {
        if row.doneMinutes > before {
            try transaction.execute(
                """
                INSERT INTO work (action_id, day, young_person_id, minutes) VALUES (?, ?, ?, ?)
                ON CONFLICT (action_id, day) DO UPDATE SET minutes = work.minutes + excluded.minutes
                """,
                [
                    .text(row.id), .text(day.description), .text(row.youngPersonID),
                    SQLValue(row.doneMinutes - before),
                ]
            )
            return
        }
        var surplus = Int64(before) - Int64(row.doneMinutes)
        guard surplus > 0 else { return }
        let days = try transaction.rows(
            "SELECT day, minutes FROM work WHERE action_id = ? ORDER BY day DESC",
            [.text(row.id)]
        )
        for stored in days where surplus > 0 {
            let minutes = try stored.int("minutes")
            let day = try stored.text("day")
            if minutes <= surplus {
                try transaction.execute(
                    "DELETE FROM work WHERE action_id = ? AND day = ?",
                    [.text(row.id), .text(day)]
                )
            } else {
                try transaction.execute(
                    "UPDATE work SET minutes = ? WHERE action_id = ? AND day = ?",
                    [.integer(minutes - surplus), .text(row.id), .text(day)]
                )
            }
            surplus -= min(minutes, surplus)
        }
    }
}
