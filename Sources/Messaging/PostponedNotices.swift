import Contracts
import ServiceKit
import Storage

/// The only reader and writer of the `postponed_notice` table.
struct PostponedNotices: Sendable {
    let database: Database

    /// What a postponed notice is about.
    struct Subject: Sendable {
        let personID: String
        let kind: NoticeKind
        let id: String
    }

    /// When the next notice is due; `nil` if none waits.
    func nextDue() async throws -> Timestamp? {
        try await database.read { reader in
            try reader.row(
                "SELECT due_ms FROM postponed_notice WHERE count > 0 ORDER BY due_ms LIMIT 1"
            )?.timestamp("due_ms")
        }
    }

    /// Gives out the first that are due, or, for those whom the hour is not fit for, puts them off
    /// to the morning.
    ///
    /// A notice and the count that it tells of change in one transaction: whenever the process ends,
    /// each thing is told once.
    func giveOut(at now: Timestamp) async throws {
        try await database.write { transaction in
            let rows = try transaction.rows(
                """
                SELECT person_id, kind, subject_id, name, count, last_change FROM postponed_notice
                WHERE count > 0 AND due_ms <= ? ORDER BY due_ms LIMIT ?
                """,
                [SQLValue(now), SQLValue(Limits.postponedBatch)]
            )
            for row in rows {
                let subject = Subject(
                    personID: try row.text("person_id"),
                    kind: NoticeKind(rawValue: Int32(truncatingIfNeeded: try row.int("kind"))),
                    id: try row.text("subject_id")
                )
                let calendar = try Self.calendar(of: subject.personID, in: transaction)
                let fit = QuietHours.end(from: now, in: calendar)
                guard fit <= now else {
                    try Self.putOff(subject, to: fit, in: transaction)
                    continue
                }
                let draft = try Self.draft(subject, row, at: now)
                try NoticeStore.add(draft, at: now, in: transaction)
                try Self.setTold(subject, at: now, in: transaction)
            }
        }
    }

    /// Forgets up to `Limits.purgeBatch` of which nothing is left to tell; answers how many.
    func purge(at now: Timestamp) async throws -> Int {
        let oldest = NoticeStore.oldest(at: now)
        return try await database.write { transaction in
            try transaction.execute(
                """
                DELETE FROM postponed_notice WHERE (person_id, kind, subject_id) IN (
                    SELECT person_id, kind, subject_id FROM postponed_notice
                    WHERE count = 0 AND told_ms < ? LIMIT ?)
                """,
                [SQLValue(oldest), SQLValue(Limits.purgeBatch)]
            )
        }
    }

    /// In the young person's structure; in Paris while the structure is not known yet.
    private static func calendar(
        of personID: String,
        in queries: some Queries
    ) throws -> LocalCalendar {
        let zone = try Caseload.find(personID, in: queries)?.timeZone
        if let zone, let calendar = try? LocalCalendar(timeZone: zone) { return calendar }
        return try LocalCalendar(timeZone: "Europe/Paris")
    }

    private static func draft(
        _ subject: Subject,
        _ row: Row,
        at now: Timestamp
    ) throws -> NoticeDraft {
        let name = try row.text("name")
        return NoticeDraft(
            recipient: Participant(personID: subject.personID, side: .youngPersonSide),
            kind: subject.kind,
            time: now,
            subjectID: subject.id,
            youngPersonID: subject.personID,
            text: subject.kind == .offersFound
                ? NoticeText.offersFound(try row.int("count"), by: name)
                : NoticeText.hasApplied(to: name),
            source: OffersNotices.source,
            sourceSequence: try row.uint("last_change")
        )
    }

    private static func putOff(
        _ subject: Subject,
        to due: Timestamp,
        in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            UPDATE postponed_notice SET due_ms = ?
            WHERE person_id = ? AND kind = ? AND subject_id = ?
            """,
            [SQLValue(due)] + subject.key
        )
    }

    private static func setTold(
        _ subject: Subject,
        at now: Timestamp,
        in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            UPDATE postponed_notice SET count = 0, told_ms = ?
            WHERE person_id = ? AND kind = ? AND subject_id = ?
            """,
            [SQLValue(now)] + subject.key
        )
    }
}

extension PostponedNotices {
    /// Adds to what a notice will tell; what was counted already changes nothing.
    ///
    /// The notice is due when things had time to gather, and not within
    /// `Limits.searchNoticeInterval` of the last.
    static func add(
        _ count: UInt32,
        named name: String,
        to subject: Subject,
        change: UInt64,
        at now: Timestamp,
        in transaction: Transaction
    ) throws {
        let row = try transaction.row(
            """
            SELECT count, due_ms, told_ms, last_change FROM postponed_notice
            WHERE person_id = ? AND kind = ? AND subject_id = ?
            """,
            subject.key
        )
        if let row, try row.uint("last_change") >= change { return }
        var due = now + Limits.gatherDelay
        if let row {
            let isWaiting = try row.int("count") > 0
            let next = try row.timestamp("told_ms") + Limits.searchNoticeInterval
            due = isWaiting ? try row.timestamp("due_ms") : max(due, next)
        }
        try transaction.execute(
            """
            INSERT INTO postponed_notice
                (person_id, kind, subject_id, name, count, due_ms, told_ms, last_change)
            VALUES (?, ?, ?, ?, ?, ?, 0, ?)
            ON CONFLICT (person_id, kind, subject_id) DO UPDATE SET name = excluded.name,
                count = postponed_notice.count + excluded.count, due_ms = excluded.due_ms,
                last_change = excluded.last_change
            """,
            subject.key + [.text(name), SQLValue(count), SQLValue(due), SQLValue(change)]
        )
    }

    /// Plans something that is told once: if it was planned before, nothing changes.
    static func planOnce(
        _ subject: Subject,
        named name: String,
        due: Timestamp,
        change: UInt64,
        in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO postponed_notice
                (person_id, kind, subject_id, name, count, due_ms, told_ms, last_change)
            VALUES (?, ?, ?, ?, 1, ?, 0, ?)
            ON CONFLICT (person_id, kind, subject_id) DO NOTHING
            """,
            subject.key + [.text(name), SQLValue(due), SQLValue(change)]
        )
    }

    /// Uses another name for what will be told.
    static func rename(
        _ subject: Subject,
        to name: String,
        in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            UPDATE postponed_notice SET name = ?
            WHERE person_id = ? AND kind = ? AND subject_id = ?
            """,
            [.text(name)] + subject.key
        )
    }

    /// Tells nothing of what still waits.
    static func drop(_ subject: Subject, in transaction: Transaction) throws {
        try transaction.execute(
            """
            UPDATE postponed_notice SET count = 0
            WHERE person_id = ? AND kind = ? AND subject_id = ?
            """,
            subject.key
        )
    }
}

extension PostponedNotices.Subject {
    /// The columns of the primary key.
    fileprivate var key: [SQLValue] {
        [.text(personID), SQLValue(kind.rawValue), .text(id)]
    }
}
