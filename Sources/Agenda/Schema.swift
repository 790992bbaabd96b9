import ServiceKit
public import Storage

/// The agenda's tables.
public enum AgendaSchema {
    /// Everything from an empty file to the present tables, the copy of the caseloads first.
    ///
    /// Enumerations are stored with the numbers of `agenda.proto`. `booked_start_ms` and
    /// `booked_end_ms` are the date as first booked, by which a repeated booking is known after a
    /// move. `date_revision` is the revision that set the present date; the reminders of that
    /// revision are the present ones.
    public static let migrations: [Migration] = [
        Caseload.migration,
        Migration(
            "agenda-1",
            """
            CREATE TABLE appointment (
                id TEXT NOT NULL PRIMARY KEY,
                young_person_id TEXT NOT NULL,
                counsellor_id TEXT NOT NULL,
                type BIGINT NOT NULL CHECK (type BETWEEN 1 AND 8),
                title TEXT NOT NULL,
                comment TEXT NOT NULL,
                modality BIGINT NOT NULL CHECK (modality BETWEEN 1 AND 4),
                address TEXT NOT NULL,
                link TEXT NOT NULL,
                telephone TEXT NOT NULL,
                booked_start_ms BIGINT NOT NULL,
                booked_end_ms BIGINT NOT NULL,
                start_ms BIGINT NOT NULL,
                end_ms BIGINT NOT NULL,
                time_zone TEXT NOT NULL,
                state BIGINT NOT NULL CHECK (state IN (1, 2)),
                revision BIGINT NOT NULL,
                date_revision BIGINT NOT NULL,
                cancel_reason TEXT NOT NULL,
                CHECK (end_ms > start_ms AND end_ms - start_ms <= 86400000),
                CHECK (date_revision BETWEEN 0 AND revision)
            );
            CREATE INDEX appointment_by_young_person
                ON appointment (young_person_id, start_ms, id);
            CREATE TABLE reminder (
                appointment_id TEXT NOT NULL REFERENCES appointment (id),
                young_person_id TEXT NOT NULL,
                revision BIGINT NOT NULL,
                kind BIGINT NOT NULL CHECK (kind IN (1, 2)),
                due_ms BIGINT NOT NULL,
                state BIGINT NOT NULL CHECK (state IN (1, 2, 3)),
                PRIMARY KEY (appointment_id, revision, kind)
            );
            CREATE INDEX reminder_waiting ON reminder (due_ms, appointment_id) WHERE state = 1;
            """
        ),
    ]
}
