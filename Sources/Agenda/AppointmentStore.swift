import Contracts
import ServiceKit
import Storage

/// The only reader and writer of the `appointment` table; each method is one transaction.
///
/// An appointment may be seen by its young person and, as the young person's present counsellor
/// changes, by the present one: the new counsellor sees, moves and cancels what the one before
/// booked, who sees it no longer. `counsellor_id` keeps saying who booked it; feed entries concern
/// the present counsellor.
///
/// A date and its reminders keep the time zone in which they were set, also when the young person
/// comes to a structure in another zone: both sides agreed on that date. The next move takes the
/// zone of then.
struct AppointmentStore: Sendable {
    let database: Database

    /// Stores a booking with its reminders and tells the feed; or answers the appointment that the
    /// same booking made before, as it is now.
    ///
    /// - Throws: PERMISSION_DENIED if the young person is not in the counsellor's caseload;
    ///   `AgendaError.otherContent` if the id stands for another booking; INVALID_ARGUMENT naming
    ///   `start_ms` if that is too long ago or too far ahead.
    func book(
        _ draft: AppointmentDraft,
        by counsellorID: String,
        at now: Timestamp
    ) async throws -> Appointment {
        try await database.write { transaction in
            let member = try Caseload.member(
                draft.youngPersonID,
                for: .counsellor(counsellorID),
                in: transaction
            )
            if let stored = try Self.rows([draft.id], in: transaction).first {
                guard stored.booked == draft, stored.counsellorID == counsellorID else {
                    throw AgendaError.otherContent
                }
                return try Self.message(of: stored, in: transaction)
            }
            try draft.slot.checkReach(at: now)
            let row = AppointmentRow(draft, counsellorID: counsellorID, timeZone: member.timeZone)
            try transaction.execute(AppointmentRow.insert, row.values)
            try ReminderStore.plan(for: row, at: now, in: transaction)
            let appointment = try Self.message(of: row, in: transaction)
            try transaction.append(
                AppointmentBooked(appointment: appointment),
                youngPersonID: row.youngPersonID,
                counsellorID: counsellorID,
                at: now
            )
            return appointment
        }
    }

    /// Gives an appointment another date: drops the waiting reminders and plans those of the new
    /// date, in the zone that the young person's structure has now.
    ///
    /// - Throws: `AgendaError.unknownAppointment`, `AgendaError.cancelled`; INVALID_ARGUMENT naming
    ///   `start_ms` if that is too long ago or too far ahead.
    func move(
        _ id: String,
        to slot: Slot,
        by counsellorID: String,
        at now: Timestamp
    ) async throws -> Appointment {
        try await database.write { transaction in
            var (row, member) = try Self.managed(id, by: counsellorID, in: transaction)
            guard row.state == .booked else { throw AgendaError.cancelled }
            if row.slot == slot { return try Self.message(of: row, in: transaction) }
            try slot.checkReach(at: now)
            let previous = row.slot
            row.slot = slot
            row.timeZone = member.timeZone
            row.revision += 1
            row.dateRevision = row.revision
            try Self.update(row, in: transaction)
            try ReminderStore.drop(of: id, in: transaction)
            try ReminderStore.plan(for: row, at: now, in: transaction)
            let appointment = try Self.message(of: row, in: transaction)
            try transaction.append(
                AppointmentMoved(
                    appointment: appointment,
                    previousStartMs: previous.start.milliseconds,
                    previousEndMs: previous.end.milliseconds
                ),
                youngPersonID: row.youngPersonID,
                counsellorID: counsellorID,
                at: now
            )
            return appointment
        }
    }

    /// Cancels an appointment and its waiting reminders.
    ///
    /// A second time changes nothing, not even the reason.
    ///
    /// - Throws: `AgendaError.unknownAppointment`.
    func cancel(
        _ id: String,
        reason: String,
        by counsellorID: String,
        at now: Timestamp
    ) async throws -> Appointment {
        try await database.write { transaction in
            var (row, _) = try Self.managed(id, by: counsellorID, in: transaction)
            guard row.state == .booked else { return try Self.message(of: row, in: transaction) }
            row.state = .cancelled
            row.cancelReason = reason
            row.revision += 1
            try Self.update(row, in: transaction)
            try ReminderStore.drop(of: id, in: transaction)
            let appointment = try Self.message(of: row, in: transaction)
            try transaction.append(
                AppointmentCancelled(appointment: appointment),
                youngPersonID: row.youngPersonID,
                counsellorID: counsellorID,
                at: now
            )
            return appointment
        }
    }

    /// One appointment.
    ///
    /// - Throws: `AgendaError.unknownAppointment` if there is none, or `caller` may not see it.
    func appointment(_ id: String, for caller: Caller) async throws -> Appointment {
        try await database.read { reader in
            guard let row = try Self.rows([id], in: reader).first else {
                throw AgendaError.unknownAppointment
            }
            if caller != .youngPerson(row.youngPersonID) {
                let member = try Caseload.find(row.youngPersonID, in: reader)
                guard let member, caller == .counsellor(member.counsellorID) else {
                    throw AgendaError.unknownAppointment
                }
            }
            return try Self.message(of: row, in: reader)
        }
    }

    /// The rows of these ids that exist, in no particular order.
    static func rows(
        _ ids: some Sequence<String>,
        in queries: some Queries
    ) throws -> [AppointmentRow] {
        guard let list = IDList(ids) else { return [] }
        return try queries.rows(
            "SELECT \(AppointmentRow.columns) FROM appointment WHERE id IN (\(list.marks))",
            list.arguments
        ).map(AppointmentRow.init)
    }

    private static func message(
        of row: AppointmentRow,
        in queries: some Queries
    ) throws -> Appointment {
        let reminders = try ReminderStore.present(of: [row.id], in: queries)
        return row.message(reminders: reminders[row.id] ?? [])
    }

    /// An appointment that this counsellor may change, and its young person.
    private static func managed(
        _ id: String,
        by counsellorID: String,
        in queries: some Queries
    ) throws -> (AppointmentRow, Caseload.Member) {
        guard let row = try rows([id], in: queries).first,
            let member = try Caseload.find(row.youngPersonID, in: queries),
            member.counsellorID == counsellorID
        else { throw AgendaError.unknownAppointment }
        return (row, member)
    }

    /// Writes what can change after the booking.
    private static func update(_ row: AppointmentRow, in transaction: Transaction) throws {
        try transaction.execute(
            """
            UPDATE appointment SET start_ms = ?, end_ms = ?, time_zone = ?, state = ?,
                revision = ?, date_revision = ?, cancel_reason = ?
            WHERE id = ?
            """,
            [
                SQLValue(row.slot.start), SQLValue(row.slot.end),
                .text(row.timeZone), SQLValue(row.state.rawValue),
                SQLValue(row.revision), SQLValue(row.dateRevision),
                .text(row.cancelReason), .text(row.id),
            ]
        )
    }
}
