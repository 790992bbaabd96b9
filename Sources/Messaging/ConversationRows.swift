import Contracts
import ServiceKit
import Storage

/// How rows become the API's values.
extension ConversationStore {
    /// The message with this id, whosever it is.
    static func message(id: String, in queries: some Queries) throws -> Message? {
        try queries.row("\(selectMessage) WHERE m.id = ?", [.text(id)]).map(message)
    }

    /// A page, newest first, cut where its texts exceed `Limits.pageBytesMax`.
    static func messages(
        _ page: MessagePage,
        of youngPersonID: String,
        in queries: some Queries
    ) throws -> [Message] {
        var messages: [Message] = []
        var bytes = 0
        try queries.scan(
            """
            SELECT id, sequence, side, sender_id, text, sent_ms FROM message
            WHERE young_person_id = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?
            """,
            [.text(youngPersonID), SQLValue(page.before), SQLValue(page.limit)]
        ) { row in
            let text = try row.text("text")
            bytes += text.utf8.count
            guard bytes <= Limits.pageBytesMax else { return false }
            messages.append(
                Message(
                    id: try row.text("id"),
                    youngPersonID: youngPersonID,
                    sequence: try row.uint("sequence"),
                    sender: try side(row),
                    senderID: try row.text("sender_id"),
                    text: text,
                    sentMs: try row.int("sent_ms")
                )
            )
            return true
        }
        try Receipts.note(in: &messages, of: youngPersonID, queries)
        return messages
    }

    /// A conversation as one who may see it sees it; an empty one if nobody has written yet.
    static func conversation(_ access: Access, in queries: some Queries) throws -> Conversation {
        let side = access.participant.side
        let row = try queries.row(
            "\(selectConversation) WHERE c.young_person_id = ?",
            [.text(access.member.youngPersonID)]
        )
        return try row.map { try conversation($0, of: access.member, side: side) }
            ?? Conversation(emptyOf: access.member)
    }

    /// The conversations of a whole caseload, in as few queries as possible.
    static func conversations(
        of members: [Caseload.Member],
        side: Side,
        in queries: some Queries
    ) throws -> [Conversation] {
        var rowsByID: [String: Row] = [:]
        var rest = members[...]
        while !rest.isEmpty {
            // Places left over stay NULL, which equals no id: so the statement's text is always
            // the same and compiled once.
            var ids = [SQLValue](repeating: .null, count: idsPerQuery)
            for (index, member) in rest.prefix(idsPerQuery).enumerated() {
                ids[index] = .text(member.youngPersonID)
            }
            for row in try queries.rows(selectConversations, ids) {
                rowsByID[try row.text("young_person_id")] = row
            }
            rest = rest.dropFirst(idsPerQuery)
        }
        return try members.map { member in
            try rowsByID[member.youngPersonID].map { try conversation($0, of: member, side: side) }
                ?? Conversation(emptyOf: member)
        }
    }

    /// More than the largest caseload known, so that one query is enough.
    private static let idsPerQuery = 100

    /// A message with the times at which the other side's positions first reached it: two steps into
    /// the primary key of `receipt`, whatever the length of the history.
    private static let selectMessage = """
        SELECT m.id AS id, m.young_person_id AS young_person_id, m.sequence AS sequence,
            m.side AS side, m.sender_id AS sender_id, m.text AS text, m.sent_ms AS sent_ms,
            COALESCE((SELECT d.time_ms FROM receipt d
                WHERE d.young_person_id = m.young_person_id AND d.side = 3 - m.side
                    AND d.kind = 1 AND d.through >= m.sequence
                ORDER BY d.through LIMIT 1), 0) AS delivered_ms,
            COALESCE((SELECT r.time_ms FROM receipt r
                WHERE r.young_person_id = m.young_person_id AND r.side = 3 - m.side
                    AND r.kind = 2 AND r.through >= m.sequence
                ORDER BY r.through LIMIT 1), 0) AS read_ms
        FROM message m
        """

    private static func message(_ row: Row) throws -> Message {
        Message(
            id: try row.text("id"),
            youngPersonID: try row.text("young_person_id"),
            sequence: try row.uint("sequence"),
            sender: try side(row),
            senderID: try row.text("sender_id"),
            text: try row.text("text"),
            sentMs: try row.int("sent_ms"),
            deliveredMs: try row.int("delivered_ms"),
            readMs: try row.int("read_ms")
        )
    }

    private static func side(_ row: Row) throws -> Side {
        Side(rawValue: Int32(truncatingIfNeeded: try row.int("side")))
    }

    /// Unread is what the other side wrote in all, less what it had written up to the read
    /// position.
    private static let selectConversation = """
        SELECT c.*,
            c.last_sequence - c.young_person_count
                - (c.young_person_read_through - COALESCE(y.young_person_count, 0))
                AS young_person_unread,
            c.young_person_count - COALESCE(k.young_person_count, 0) AS counsellor_unread
        FROM conversation c
        LEFT JOIN message y ON y.young_person_id = c.young_person_id
            AND y.sequence = c.young_person_read_through
        LEFT JOIN message k ON k.young_person_id = c.young_person_id
            AND k.sequence = c.counsellor_read_through
        """

    private static let selectConversations = {
        let places = Array(repeating: "?", count: idsPerQuery).joined(separator: ", ")
        return "\(selectConversation) WHERE c.young_person_id IN (\(places))"
    }()

    private static func conversation(
        _ row: Row,
        of member: Caseload.Member,
        side: Side
    ) throws -> Conversation {
        let unread = side == .youngPersonSide ? "young_person_unread" : "counsellor_unread"
        return Conversation(
            youngPersonID: member.youngPersonID,
            counsellorID: member.counsellorID,
            lastSequence: try row.uint("last_sequence"),
            lastSentMs: try row.int("last_sent_ms"),
            unread: UInt32(clamping: try row.int(unread)),
            youngPerson: try position(row, "young_person"),
            counsellor: try position(row, "counsellor")
        )
    }

    private static func position(_ row: Row, _ prefix: String) throws -> Position {
        Position(
            deliveredThrough: try row.uint("\(prefix)_delivered_through"),
            deliveredMs: try row.int("\(prefix)_delivered_ms"),
            readThrough: try row.uint("\(prefix)_read_through"),
            readMs: try row.int("\(prefix)_read_ms")
        )
    }
}

extension Conversation {
    /// The conversation in which nobody has written yet.
    fileprivate init(emptyOf member: Caseload.Member) {
        self.init(
            youngPersonID: member.youngPersonID,
            counsellorID: member.counsellorID,
            youngPerson: Position(),
            counsellor: Position()
        )
    }
}
