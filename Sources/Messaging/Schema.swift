import ServiceKit
public import Storage

/// The tables of messaging.
///
/// Migrations are frozen: a change is a new one at the end.
public enum MessagingSchema {
    /// Everything from an empty file to the present tables, the copy of the caseloads first.
    public static let migrations = [
        Caseload.migration, conversations, notices, postponed, messagesByConversation,
    ]

    /// `side` is 1 for the young person and 2 for the counsellor, as in the API's `Side`.
    ///
    /// `message.young_person_count` is how many messages up to and including this one the young
    /// person wrote; the counsellor wrote the rest, as positions have no gaps. So the unread
    /// messages of either side are a difference between the conversation's last row and the row
    /// at the read position, and nobody ever counts rows.
    ///
    /// `receipt` is the history of the positions in `conversation`: when each of them was moved
    /// and how far. The first move that reaches a message tells when it was delivered or read.
    /// `kind` is 1 for delivered and 2 for read.
    private static let conversations = Migration(
        "conversations",
        """
        CREATE TABLE conversation (
            young_person_id TEXT PRIMARY KEY,
            last_sequence BIGINT NOT NULL,
            last_sent_ms BIGINT NOT NULL,
            young_person_count BIGINT NOT NULL,
            young_person_delivered_through BIGINT NOT NULL DEFAULT 0,
            young_person_delivered_ms BIGINT NOT NULL DEFAULT 0,
            young_person_read_through BIGINT NOT NULL DEFAULT 0,
            young_person_read_ms BIGINT NOT NULL DEFAULT 0,
            counsellor_delivered_through BIGINT NOT NULL DEFAULT 0,
            counsellor_delivered_ms BIGINT NOT NULL DEFAULT 0,
            counsellor_read_through BIGINT NOT NULL DEFAULT 0,
            counsellor_read_ms BIGINT NOT NULL DEFAULT 0,
            CHECK (young_person_count BETWEEN 0 AND last_sequence),
            CHECK (young_person_delivered_through BETWEEN 0 AND last_sequence),
            CHECK (young_person_read_through BETWEEN 0 AND young_person_delivered_through),
            CHECK (counsellor_delivered_through BETWEEN 0 AND last_sequence),
            CHECK (counsellor_read_through BETWEEN 0 AND counsellor_delivered_through)
        );
        CREATE TABLE message (
            young_person_id TEXT NOT NULL,
            sequence BIGINT NOT NULL,
            id TEXT NOT NULL,
            side BIGINT NOT NULL,
            sender_id TEXT NOT NULL,
            text TEXT NOT NULL,
            sent_ms BIGINT NOT NULL,
            young_person_count BIGINT NOT NULL,
            PRIMARY KEY (young_person_id, sequence),
            CHECK (sequence >= 1),
            CHECK (side IN (1, 2)),
            CHECK (young_person_count BETWEEN 0 AND sequence)
        );
        CREATE UNIQUE INDEX message_by_id ON message (id);
        CREATE TABLE receipt (
            young_person_id TEXT NOT NULL,
            side BIGINT NOT NULL,
            kind BIGINT NOT NULL,
            through BIGINT NOT NULL,
            time_ms BIGINT NOT NULL,
            PRIMARY KEY (young_person_id, side, kind, through),
            CHECK (side IN (1, 2)),
            CHECK (kind IN (1, 2)),
            CHECK (through >= 1)
        );
        """
    )

    /// A conversation's messages side by side, where a page of them is read in two or three steps.
    ///
    /// Stored as they came, each message of a page lay elsewhere in the file: 20 reads for 20
    /// messages. SQLite's own spelling.
    private static let messagesByConversation = Migration(
        "messages-by-conversation",
        """
        CREATE TABLE message_by_conversation (
            young_person_id TEXT NOT NULL,
            sequence BIGINT NOT NULL,
            id TEXT NOT NULL,
            side BIGINT NOT NULL,
            sender_id TEXT NOT NULL,
            text TEXT NOT NULL,
            sent_ms BIGINT NOT NULL,
            young_person_count BIGINT NOT NULL,
            PRIMARY KEY (young_person_id, sequence),
            CHECK (sequence >= 1),
            CHECK (side IN (1, 2)),
            CHECK (young_person_count BETWEEN 0 AND sequence)
        ) WITHOUT ROWID;
        INSERT INTO message_by_conversation (young_person_id, sequence, id, side, sender_id, text,
            sent_ms, young_person_count)
        SELECT young_person_id, sequence, id, side, sender_id, text, sent_ms, young_person_count
        FROM message ORDER BY young_person_id, sequence;
        DROP TABLE message;
        ALTER TABLE message_by_conversation RENAME TO message;
        CREATE UNIQUE INDEX message_by_id ON message (id);
        """
    )

    /// Each person's notices, numbered by `mailbox`: the numbers go on rising after old notices
    /// were removed.
    ///
    /// `(source, source_sequence, person_id)` admits one notice per change and person.
    private static let notices = Migration(
        "notices",
        """
        CREATE TABLE mailbox (
            person_id TEXT PRIMARY KEY,
            last_sequence BIGINT NOT NULL
        );
        CREATE TABLE notice (
            person_id TEXT NOT NULL,
            sequence BIGINT NOT NULL,
            kind BIGINT NOT NULL,
            time_ms BIGINT NOT NULL,
            subject_id TEXT NOT NULL,
            young_person_id TEXT NOT NULL,
            message_sequence BIGINT NOT NULL,
            text TEXT NOT NULL,
            seen BIGINT NOT NULL DEFAULT 0,
            source TEXT NOT NULL,
            source_sequence BIGINT NOT NULL,
            PRIMARY KEY (person_id, sequence),
            CHECK (seen IN (0, 1))
        );
        CREATE UNIQUE INDEX notice_by_change ON notice (source, source_sequence, person_id);
        CREATE INDEX notice_by_time ON notice (time_ms);
        CREATE INDEX notice_unseen ON notice (person_id, sequence) WHERE seen = 0;
        """
    )

    /// Notices that are told later, several things in one.
    ///
    /// `count` is what is not told yet, 0 if nothing waits. `last_change` is the last entry of
    /// offers' feed that is counted, so that none is counted twice.
    private static let postponed = Migration(
        "postponed-notices",
        """
        CREATE TABLE postponed_notice (
            person_id TEXT NOT NULL,
            kind BIGINT NOT NULL,
            subject_id TEXT NOT NULL,
            name TEXT NOT NULL,
            count BIGINT NOT NULL CHECK (count >= 0),
            due_ms BIGINT NOT NULL,
            told_ms BIGINT NOT NULL,
            last_change BIGINT NOT NULL,
            PRIMARY KEY (person_id, kind, subject_id)
        );
        CREATE INDEX postponed_due ON postponed_notice (due_ms) WHERE count > 0;
        CREATE INDEX postponed_told ON postponed_notice (told_ms) WHERE count = 0;
        """
    )
}
