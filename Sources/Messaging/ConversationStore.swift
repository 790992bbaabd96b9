import Contracts
import RPC
import ServiceKit
import Storage

/// The only reader and writer of the tables `conversation`, `message` and `receipt`.
struct ConversationStore: Sendable {
    let database: Database

    /// Stores `draft` at the end of its conversation, or answers the message stored under its id.
    ///
    /// The message, its place in the order, its entry in the feed and the other side's notice are
    /// one transaction; writers take turns, so the order has neither gaps nor doubles.
    ///
    /// - Throws: PERMISSION_DENIED; `MessagingError.messageIDTaken`.
    func send(
        _ draft: MessageDraft,
        from caller: Caller,
        at now: Timestamp
    ) async throws -> Message {
        try await database.write { transaction in
            let access = try Access(to: draft.youngPersonID, for: caller, in: transaction)
            if let stored = try Self.message(id: draft.id, in: transaction) {
                guard draft.isRetry(of: stored, by: access.participant) else {
                    throw MessagingError.messageIDTaken
                }
                return stored
            }
            let message = try Self.insert(draft, by: access.participant, at: now, in: transaction)
            let sent = MessageSent(
                id: message.id,
                sequence: message.sequence,
                sender: message.sender,
                sentMs: message.sentMs
            )
            let change = try transaction.append(
                kind: MessageSent.fullName,
                youngPersonID: message.youngPersonID,
                counsellorID: access.member.counsellorID,
                body: try sent.serializedBytes(),
                at: now
            )
            if let notice = NoticeDraft(message, in: access.member, change: change) {
                try NoticeStore.addNew(notice, at: now, in: transaction)
            }
            return message
        }
    }

    /// A page of a conversation, newest first.
    ///
    /// - Throws: PERMISSION_DENIED.
    func messages(
        _ page: MessagePage,
        of youngPersonID: String,
        for caller: Caller
    ) async throws -> [Message] {
        try await database.read { reader in
            _ = try Access(to: youngPersonID, for: caller, in: reader)
            return try Self.messages(page, of: youngPersonID, in: reader)
        }
    }

    /// Where a conversation stands, as the caller sees it.
    ///
    /// - Throws: PERMISSION_DENIED.
    func conversation(of youngPersonID: String, for caller: Caller) async throws -> Conversation {
        try await database.read { reader in
            let access = try Access(to: youngPersonID, for: caller, in: reader)
            return try Self.conversation(access, in: reader)
        }
    }

    /// All conversations of the caller, those without a message too, in no particular order.
    ///
    /// - Throws: PERMISSION_DENIED.
    func conversations(of caller: Caller) async throws -> [Conversation] {
        try await database.read { reader in
            let participant = try Participant(caller)
            switch participant.side {
            case .counsellorSide:
                let members = try Caseload.members(of: participant.personID, in: reader)
                return try Self.conversations(of: members, side: .counsellorSide, in: reader)
            default:
                let access = try Access(to: participant.personID, for: caller, in: reader)
                return [try Self.conversation(access, in: reader)]
            }
        }
    }

    /// Moves the caller's side of a conversation forward and answers where it then stands.
    ///
    /// Positions, their history, the feed's entry and the notices that have become pointless
    /// change together or not at all; if nothing moves, nothing is written.
    ///
    /// - Throws: PERMISSION_DENIED; INVALID_ARGUMENT for a position behind the end.
    func acknowledge(
        _ acknowledgement: Acknowledgement,
        by caller: Caller,
        at now: Timestamp
    ) async throws -> Conversation {
        try await database.write { transaction in
            let access = try Access(to: acknowledgement.youngPersonID, for: caller, in: transaction)
            let conversation = try Self.conversation(access, in: transaction)
            try acknowledgement.check(last: conversation.lastSequence)
            let side = access.participant.side
            let position = conversation.position(of: side)
            let moved = position.moved(by: acknowledgement, at: now)
            guard moved != position else { return conversation }
            try Self.move(position, to: moved, side, of: access.member, at: now, in: transaction)
            if moved.readThrough > position.readThrough {
                try NoticeStore.messagesRead(
                    by: access.participant,
                    of: access.member.youngPersonID,
                    through: moved.readThrough,
                    at: now,
                    in: transaction
                )
            }
            return try Self.conversation(access, in: transaction)
        }
    }
}

extension Conversation {
    /// How far one side is.
    func position(of side: Side) -> Position {
        (side == .youngPersonSide ? youngPerson : counsellor) ?? Position()
    }
}

extension ConversationStore {
    /// Gives the message the next place in its conversation and stores it there.
    private static func insert(
        _ draft: MessageDraft,
        by sender: Participant,
        at now: Timestamp,
        in transaction: Transaction
    ) throws -> Message {
        let isFromYoungPerson = sender.side == .youngPersonSide
        let place = try transaction.rows(
            """
            INSERT INTO conversation
                (young_person_id, last_sequence, last_sent_ms, young_person_count)
            VALUES (?, 1, ?, ?)
            ON CONFLICT (young_person_id) DO UPDATE SET
                last_sequence = conversation.last_sequence + 1,
                last_sent_ms = excluded.last_sent_ms,
                young_person_count = conversation.young_person_count + excluded.young_person_count
            RETURNING last_sequence, young_person_count
            """,
            [.text(draft.youngPersonID), SQLValue(now), SQLValue(isFromYoungPerson)]
        ).first
        guard let place else { throw RPCError(.internal, "The conversation was not stored.") }
        let message = Message(
            id: draft.id,
            youngPersonID: draft.youngPersonID,
            sequence: try place.uint("last_sequence"),
            sender: sender.side,
            senderID: sender.personID,
            text: draft.text,
            sentMs: now.milliseconds
        )
        try transaction.execute(
            """
            INSERT INTO message
                (young_person_id, sequence, id, side, sender_id, text, sent_ms, young_person_count)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(message.youngPersonID), SQLValue(message.sequence), .text(message.id),
                sender.side.column, .text(message.senderID), .text(message.text),
                SQLValue(message.sentMs), .integer(try place.int("young_person_count")),
            ]
        )
        return message
    }

    /// Stores a position and when it got there, and tells the feed.
    private static func move(
        _ position: Position,
        to moved: Position,
        _ side: Side,
        of member: Caseload.Member,
        at now: Timestamp,
        in transaction: Transaction
    ) throws {
        let youngPersonID = SQLValue.text(member.youngPersonID)
        // A column's name cannot be an argument; it is one of two words of ours.
        let prefix = side == .youngPersonSide ? "young_person" : "counsellor"
        try transaction.execute(
            """
            UPDATE conversation SET
                \(prefix)_delivered_through = ?, \(prefix)_delivered_ms = ?,
                \(prefix)_read_through = ?, \(prefix)_read_ms = ?
            WHERE young_person_id = ?
            """,
            [
                SQLValue(moved.deliveredThrough), SQLValue(moved.deliveredMs),
                SQLValue(moved.readThrough), SQLValue(moved.readMs), youngPersonID,
            ]
        )
        let moves = [
            (ReceiptKind.delivered, position.deliveredThrough, moved.deliveredThrough),
            (ReceiptKind.read, position.readThrough, moved.readThrough),
        ]
        for (kind, before, after) in moves where after > before {
            try transaction.execute(
                """
                INSERT INTO receipt (young_person_id, side, kind, through, time_ms)
                VALUES (?, ?, ?, ?, ?)
                """,
                [
                    youngPersonID, side.column, .integer(kind.rawValue), SQLValue(after),
                    SQLValue(now),
                ]
            )
        }
        try transaction.append(
            ReceiptsMoved(side: side, position: moved),
            youngPersonID: member.youngPersonID,
            counsellorID: member.counsellorID,
            at: now
        )
    }
}

/// What a move of a position means, as stored in `receipt.kind`.
enum ReceiptKind: Int64 {
    case delivered = 1
    case read = 2
}
