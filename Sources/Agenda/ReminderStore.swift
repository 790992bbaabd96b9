import Contracts
import ServiceKit
import Storage

/// The only reader and writer of the `reminder` table.
///
/// A reminder is written in the transaction that sets its appointment's date and given out in one
/// transaction with its feed entry. So a crash at any moment leaves it either waiting or given out,
/// never both and never neither.
struct ReminderStore: Sendable {
    let database: Database

    /// When the next reminder is due; `nil` if none waits.
    func nextDue() async throws -> Timestamp? {
        try await database.read { reader in
            try reader.row(
                "SELECT due_ms FROM reminder WHERE state = 1 ORDER BY due_ms LIMIT 1"
            )?.timestamp("due_ms")
        }
    }

    /// Gives out the first `limit` reminders due at `now`, each with its feed entry.
    ///
    /// A reminder whose appointment has begun, was cancelled or has another date is dropped. The
    /// last two cannot be waiting, for those transactions drop it themselves; checked all the same,
    /// because a wrong reminder cannot be called back.
    ///
    /// - Returns: how many were taken, given out or dropped; below `limit` if no more are due.
    func giveOut(at now: Timestamp, limit: Int) async throws -> Int {
        try await database.write { transaction in
            let due = try transaction.rows(
                """
                SELECT appointment_id, revision, kind FROM reminder
                WHERE state = 1 AND due_ms <= ?
                ORDER BY due_ms, appointment_id, kind LIMIT ?
                """,
                [SQLValue(now), SQLValue(limit)]
            ).map(Key.init)
            let ids = Set(due.map(\.appointmentID))
            let appointments = Dictionary(
                uniqueKeysWithValues: try AppointmentStore.rows(ids, in: transaction)
                    .map { ($0.id, $0) }
            )
            var given: [(key: Key, row: AppointmentRow)] = []
            for key in due {
                let row = appointments[key.appointmentID]
                if let row, row.state == .booked, row.dateRevision == key.revision,
                    now < row.slot.start
                {
                    given.append((key, row))
                    try Self.mark(key, .emitted, in: transaction)
                } else {
                    try Self.mark(key, .dropped, in: transaction)
                }
            }
            let reminders = try Self.present(of: ids, in: transaction)
            for (key, row) in given {
                // The present counsellor; the one who booked if the copy lacks the young person.
                let member = try Caseload.find(row.youngPersonID, in: transaction)
                try transaction.append(
                    ReminderDue(
                        appointment: row.message(reminders: reminders[row.id] ?? []),
                        kind: key.kind
                    ),
                    youngPersonID: row.youngPersonID,
                    counsellorID: member?.counsellorID ?? row.counsellorID,
                    at: now
                )
            }
            return due.count
        }
    }

    /// Writes the reminders of the date that `row` was given at `now`.
    static func plan(
        for row: AppointmentRow,
        at now: Timestamp,
        in transaction: Transaction
    ) throws {
        let calendar = try LocalCalendar(timeZone: row.timeZone)
        for plan in ReminderRule.plan(start: row.slot.start, in: calendar, at: now) {
            try transaction.execute(
                """
                INSERT INTO reminder
                    (appointment_id, young_person_id, revision, kind, due_ms, state)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(row.id), .text(row.youngPersonID), SQLValue(row.dateRevision),
                    SQLValue(plan.kind.rawValue), SQLValue(plan.due),
                    SQLValue(ReminderState.waiting.rawValue),
                ]
            )
        }
    }

    /// Drops the waiting reminders of an appointment.
    static func drop(of appointmentID: String, in transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE reminder SET state = ? WHERE appointment_id = ? AND state = 1",
            [SQLValue(ReminderState.dropped.rawValue), .text(appointmentID)]
        )
    }

    /// The reminders of these appointments' present dates, by their times, under the
    /// appointments' ids.
    static func present(
        of appointmentIDs: some Sequence<String>,
        in queries: some Queries
    ) throws -> [String: [Reminder]] {
        guard let list = IDList(appointmentIDs) else { return [:] }
        var reminders: [String: [Reminder]] = [:]
        let rows = try queries.rows(
            """
            SELECT r.appointment_id AS appointment_id, r.kind AS kind, r.due_ms AS due_ms,
                r.state AS state
            FROM reminder r
            JOIN appointment a ON a.id = r.appointment_id AND a.date_revision = r.revision
            WHERE r.appointment_id IN (\(list.marks))
            ORDER BY r.due_ms, r.kind
            """,
            list.arguments
        )
        for row in rows {
            let reminder = Reminder(
                kind: ReminderKind(rawValue: Int32(truncatingIfNeeded: try row.int("kind"))),
                dueMs: try row.int("due_ms"),
                state: ReminderState(rawValue: Int32(truncatingIfNeeded: try row.int("state")))
            )
            reminders[try row.text("appointment_id"), default: []].append(reminder)
        }
        return reminders
    }

    private static func mark(
        _ key: Key,
        _ state: ReminderState,
        in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            UPDATE reminder SET state = ?
            WHERE appointment_id = ? AND revision = ? AND kind = ? AND state = 1
            """,
            [
                SQLValue(state.rawValue), .text(key.appointmentID),
                SQLValue(key.revision), SQLValue(key.kind.rawValue),
            ]
        )
    }

    /// What names a reminder.
    private struct Key {
        let appointmentID: String
        let revision: UInt32
        let kind: ReminderKind

        init(_ row: Row) throws {
            appointmentID = try row.text("appointment_id")
            revision = UInt32(truncatingIfNeeded: try row.int("revision"))
            kind = ReminderKind(rawValue: Int32(truncatingIfNeeded: try row.int("kind")))
        }
    }
}
