import Contracts
import Storage

/// A row of the `appointment` table.
struct AppointmentRow: Equatable, Sendable {
    /// What was booked, with the date of then.
    let booked: AppointmentDraft
    /// Who booked it.
    let counsellorID: String
    /// The present date.
    var slot: Slot
    /// The zone in which the present date was set, and its reminders were planned.
    var timeZone: String
    var state: AppointmentState
    var revision: UInt32
    /// The revision that set the present date.
    var dateRevision: UInt32
    var cancelReason: String

    var id: String { booked.id }
    var youngPersonID: String { booked.youngPersonID }

    /// An appointment at its booking.
    init(_ draft: AppointmentDraft, counsellorID: String, timeZone: String) {
        booked = draft
        self.counsellorID = counsellorID
        slot = draft.slot
        self.timeZone = timeZone
        state = .booked
        revision = 0
        dateRevision = 0
        cancelReason = ""
    }

    /// Reads a row of `columns`.
    init(_ row: Row) throws {
        booked = AppointmentDraft(
            id: try row.text("id"),
            youngPersonID: try row.text("young_person_id"),
            type: AppointmentType(rawValue: Int32(truncatingIfNeeded: try row.int("type"))),
            title: try row.text("title"),
            comment: try row.text("comment"),
            modality: Modality(rawValue: Int32(truncatingIfNeeded: try row.int("modality"))),
            address: try row.text("address"),
            link: try row.text("link"),
            telephone: try row.text("telephone"),
            slot: Slot(
                start: try row.timestamp("booked_start_ms"),
                end: try row.timestamp("booked_end_ms")
            )
        )
        counsellorID = try row.text("counsellor_id")
        slot = Slot(
            start: try row.timestamp("start_ms"),
            end: try row.timestamp("end_ms")
        )
        timeZone = try row.text("time_zone")
        state = AppointmentState(rawValue: Int32(truncatingIfNeeded: try row.int("state")))
        revision = UInt32(truncatingIfNeeded: try row.int("revision"))
        dateRevision = UInt32(truncatingIfNeeded: try row.int("date_revision"))
        cancelReason = try row.text("cancel_reason")
    }

    /// The columns that `init(_:)` reads and `values` writes, in its order.
    static let columns = """
        id, young_person_id, counsellor_id, type, title, comment, modality, address, link,
        telephone, booked_start_ms, booked_end_ms, start_ms, end_ms, time_zone, state, revision,
        date_revision, cancel_reason
        """

    /// Writes a row of `values`.
    static let insert = """
        INSERT INTO appointment (\(columns))
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    /// The row's values, in the order of `columns`.
    var values: [SQLValue] {
        [
            .text(id), .text(youngPersonID), .text(counsellorID),
            SQLValue(booked.type.rawValue), .text(booked.title), .text(booked.comment),
            SQLValue(booked.modality.rawValue), .text(booked.address), .text(booked.link),
            .text(booked.telephone), SQLValue(booked.slot.start),
            SQLValue(booked.slot.end), SQLValue(slot.start),
            SQLValue(slot.end), .text(timeZone), SQLValue(state.rawValue),
            SQLValue(revision), SQLValue(dateRevision), .text(cancelReason),
        ]
    }

    /// At least as many bytes as the appointment takes in a message.
    var bytesMax: Int {
        [booked.title, booked.comment, booked.address, booked.link, booked.telephone, cancelReason]
            .reduce(Limits.appointmentFixedBytesMax) { $0 + $1.utf8.count }
    }

    /// The appointment as callers and the feed see it.
    func message(reminders: [Reminder]) -> Appointment {
        Appointment(
            id: id,
            youngPersonID: youngPersonID,
            counsellorID: counsellorID,
            type: booked.type,
            title: booked.title,
            comment: booked.comment,
            modality: booked.modality,
            address: booked.address,
            link: booked.link,
            telephone: booked.telephone,
            startMs: slot.start.milliseconds,
            endMs: slot.end.milliseconds,
            state: state,
            revision: revision,
            cancelReason: cancelReason,
            reminders: reminders,
            timeZone: timeZone
        )
    }
}
