import Contracts
import RPC
import ServiceKit
import Storage

/// The only reader and writer of the tables `mailbox` and `notice`.
///
/// A notice is kept for `Limits.noticeAge` after what it tells of. That it ends is a matter of
/// time, not a change: the feed says nothing of it.
struct NoticeStore: Sendable {
    let database: Database

    /// Gives a person a notice and tells the feed, unless they had one for the same change.
    ///
    /// What is too old to be listed is not stored: so a feed read again from its beginning does not
    /// bring back what has been removed.
    static func add(_ draft: NoticeDraft, at now: Timestamp, in transaction: Transaction) throws {
        guard draft.time >= oldest(at: now) else { return }
        let isKnown = try transaction.exists(
            "SELECT 1 FROM notice WHERE source = ? AND source_sequence = ? AND person_id = ?",
            [
                .text(draft.source), SQLValue(draft.sourceSequence),
                .text(draft.recipient.personID),
            ]
        )
        if !isKnown { try addNew(draft, at: now, in: transaction) }
    }

    /// Gives a person the notice of a change that this transaction itself has made, so that they
    /// cannot have had one yet, and tells the feed.
    static func addNew(_ draft: NoticeDraft, at now: Timestamp, in transaction: Transaction) throws
    {
        let recipient = draft.recipient
        let sequence = try nextSequence(of: recipient.personID, in: transaction)
        let notice = draft.numbered(sequence)
        try transaction.execute(
            """
            INSERT INTO notice (person_id, sequence, kind, time_ms, subject_id, young_person_id,
                message_sequence, text, source, source_sequence)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(recipient.personID), SQLValue(sequence),
                SQLValue(notice.kind.rawValue), SQLValue(notice.timeMs),
                .text(notice.subjectID), .text(notice.youngPersonID),
                SQLValue(draft.messageSequence), .text(notice.text),
                .text(draft.source), SQLValue(draft.sourceSequence),
            ]
        )
        try append(
            NoticeAdded(personID: recipient.personID, notice: notice),
            for: recipient,
            at: now,
            in: transaction
        )
    }

    /// A page of a person's notices, newest first.
    func page(
        _ page: NoticePage,
        of personID: String,
        at now: Timestamp
    ) async throws -> ListNoticesResponse {
        let oldest = Self.oldest(at: now)
        return try await database.read { reader in
            let rows = try reader.rows(
                """
                SELECT sequence, kind, time_ms, subject_id, young_person_id, text, seen FROM notice
                WHERE person_id = ? AND sequence < ? AND time_ms >= ?
                ORDER BY sequence DESC LIMIT ?
                """,
                [
                    .text(personID), SQLValue(page.before),
                    SQLValue(oldest), SQLValue(page.limit + 1),
                ]
            )
            return ListNoticesResponse(
                notices: try rows.prefix(page.limit).map(Self.notice),
                unseen: try Self.unseen(of: personID, since: oldest, in: reader),
                more: rows.count > page.limit
            )
        }
    }

    /// Marks a person's notices up to `through` as seen; answers how many are left unseen.
    ///
    /// - Throws: INVALID_ARGUMENT for a position that the person's notices have not reached.
    func markSeen(
        through: UInt64,
        by person: Participant,
        at now: Timestamp
    ) async throws -> UInt32 {
        try await database.write { transaction in
            let last = try Self.lastSequence(of: person.personID, in: transaction)
            guard through <= last else {
                throw RPCError.badField("through", "must be at most the last notice's, \(last)")
            }
            let changed = try transaction.execute(
                "UPDATE notice SET seen = 1 WHERE person_id = ? AND seen = 0 AND sequence <= ?",
                [.text(person.personID), SQLValue(through)]
            )
            if changed > 0 {
                let seen = NoticesSeen(personID: person.personID, through: through)
                try Self.append(seen, for: person, at: now, in: transaction)
            }
            let oldest = Self.oldest(at: now)
            return try Self.unseen(of: person.personID, since: oldest, in: transaction)
        }
    }

    /// Marks the notices of messages that a person has read in the conversation as seen.
    ///
    /// These may lie anywhere among the person's notices, so the feed tells the last position up to
    /// which nothing is unseen.
    static func messagesRead(
        by person: Participant,
        of youngPersonID: String,
        through: UInt64,
        at now: Timestamp,
        in transaction: Transaction
    ) throws {
        let changed = try transaction.execute(
            """
            UPDATE notice SET seen = 1
            WHERE person_id = ? AND seen = 0 AND kind = ? AND young_person_id = ?
                AND message_sequence <= ?
            """,
            [
                .text(person.personID), SQLValue(NoticeKind.messageReceived.rawValue),
                .text(youngPersonID), SQLValue(through),
            ]
        )
        guard changed > 0 else { return }
        let firstUnseen = try transaction.row(
            """
            SELECT sequence FROM notice WHERE person_id = ? AND seen = 0 AND time_ms >= ?
            ORDER BY sequence LIMIT 1
            """,
            [.text(person.personID), SQLValue(oldest(at: now))]
        )
        let last = try lastSequence(of: person.personID, in: transaction)
        let seenThrough = try firstUnseen.map { try $0.uint("sequence") - 1 } ?? last
        let seen = NoticesSeen(personID: person.personID, through: seenThrough)
        try append(seen, for: person, at: now, in: transaction)
    }

    /// Removes up to `Limits.purgeBatch` notices that are too old; answers how many.
    func purge(at now: Timestamp) async throws -> Int {
        let oldest = Self.oldest(at: now)
        return try await database.write { transaction in
            try transaction.execute(
                """
                DELETE FROM notice WHERE (person_id, sequence) IN (
                    SELECT person_id, sequence FROM notice WHERE time_ms < ?
                    ORDER BY time_ms LIMIT ?)
                """,
                [SQLValue(oldest), SQLValue(Limits.purgeBatch)]
            )
        }
    }
}

extension NoticeStore {
    /// The time of the oldest notices still shown.
    static func oldest(at now: Timestamp) -> Timestamp { now - Limits.noticeAge }

    private static func nextSequence(
        of personID: String,
        in transaction: Transaction
    ) throws -> UInt64 {
        let row = try transaction.rows(
            """
            INSERT INTO mailbox (person_id, last_sequence) VALUES (?, 1)
            ON CONFLICT (person_id) DO UPDATE SET last_sequence = mailbox.last_sequence + 1
            RETURNING last_sequence
            """,
            [.text(personID)]
        ).first
        guard let row else { throw RPCError(.internal, "The notice was not numbered.") }
        return try row.uint("last_sequence")
    }

    private static func lastSequence(of personID: String, in queries: some Queries) throws -> UInt64
    {
        try queries.row("SELECT last_sequence FROM mailbox WHERE person_id = ?", [.text(personID)])?
            .uint("last_sequence") ?? 0
    }

    private static func unseen(
        of personID: String,
        since oldest: Timestamp,
        in queries: some Queries
    ) throws -> UInt32 {
        let row = try queries.row(
            """
            SELECT COUNT(*) AS unseen FROM notice
            WHERE person_id = ? AND seen = 0 AND time_ms >= ?
            """,
            [.text(personID), SQLValue(oldest)]
        )
        return UInt32(clamping: try row?.int("unseen") ?? 0)
    }

    /// Tells the feed what concerns one person alone: the other side of the conversation does not
    /// learn what they were told or looked at.
    private static func append(
        _ body: some ProtobufMessage,
        for person: Participant,
        at now: Timestamp,
        in transaction: Transaction
    ) throws {
        let isYoungPerson = person.side == .youngPersonSide
        try transaction.append(
            body,
            youngPersonID: isYoungPerson ? person.personID : "",
            counsellorID: isYoungPerson ? "" : person.personID,
            at: now
        )
    }

    private static func notice(_ row: Row) throws -> Notice {
        Notice(
            sequence: try row.uint("sequence"),
            kind: NoticeKind(rawValue: Int32(truncatingIfNeeded: try row.int("kind"))),
            timeMs: try row.int("time_ms"),
            subjectID: try row.text("subject_id"),
            youngPersonID: try row.text("young_person_id"),
            seen: try row.bool("seen"),
            text: try row.text("text")
        )
    }
}
