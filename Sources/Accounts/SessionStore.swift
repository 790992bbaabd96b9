import Contracts
import ServiceKit
import Storage

/// An open or ended session, less its token.
struct StoredSession: Sendable, Equatable {
    let id: String
    let personID: String
    let device: String
    let opened: Timestamp
    let used: Timestamp
    let expires: Timestamp
}

/// The only reader and writer of the `session` table.
///
/// Ended sessions stay until they would have expired, so that ending one again is the same success.
enum SessionStore {
    /// Stores a new session.
    ///
    /// Makes room for it: forgets expired ones, ends the person's least recently used ones above
    /// the bound.
    static func open(
        _ session: StoredSession,
        token: SessionToken,
        of account: Account,
        in transaction: Transaction
    ) throws {
        let now = session.opened
        try transaction.execute(
            "DELETE FROM session WHERE expires_ms <= ?",
            [.integer(now.milliseconds)]
        )
        let others = try openSessions(of: account.id, at: now, in: transaction)
            .sorted { ($0.used, $0.opened, $0.id) < ($1.used, $1.opened, $1.id) }
        for other in others.dropLast(Limits.sessionsPerPersonMax - 1) {
            try end(other.id, of: account, at: now, in: transaction)
        }
        try transaction.execute(
            """
            INSERT INTO session (id, token_hash, person_id, device, opened_ms, used_ms, expires_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(session.id), .blob(token.hash), .text(session.personID),
                .text(session.device), .integer(session.opened.milliseconds),
                .integer(session.used.milliseconds), .integer(session.expires.milliseconds),
            ]
        )
    }

    /// The open session that a token opens.
    static func find(
        _ token: SessionToken,
        at now: Timestamp,
        in queries: some Queries
    ) throws -> StoredSession? {
        try queries.row(
            "\(select) WHERE token_hash = ? AND ended_ms IS NULL AND expires_ms > ?",
            [.blob(token.hash), .integer(now.milliseconds)]
        ).map(session)
    }

    /// A person's open sessions, newest first.
    static func openSessions(
        of personID: String,
        at now: Timestamp,
        in queries: some Queries
    ) throws -> [StoredSession] {
        try queries.rows(
            """
            \(select) WHERE person_id = ? AND ended_ms IS NULL AND expires_ms > ?
            ORDER BY opened_ms DESC, id DESC
            """,
            [.text(personID), .integer(now.milliseconds)]
        ).map(session)
    }

    /// Notes that a session was used.
    static func touch(_ id: String, at now: Timestamp, in transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE session SET used_ms = ? WHERE id = ? AND used_ms < ?",
            [.integer(now.milliseconds), .text(id), .integer(now.milliseconds)]
        )
    }

    /// Ends a session of `account` and tells the feed; ending it again changes nothing.
    ///
    /// - Returns: whether the account has such a session.
    @discardableResult
    static func end(
        _ id: String,
        of account: Account,
        at now: Timestamp,
        in transaction: Transaction
    ) throws -> Bool {
        let ended = try transaction.execute(
            "UPDATE session SET ended_ms = ? WHERE id = ? AND person_id = ? AND ended_ms IS NULL",
            [.integer(now.milliseconds), .text(id), .text(account.id)]
        )
        guard ended == 0 else {
            // A young person's sessions are no business of their counsellor.
            try transaction.append(
                SessionEnded(sessionID: id),
                youngPersonID: account.role == .youngPerson ? account.id : "",
                counsellorID: account.role == .youngPerson ? "" : account.id,
                at: now
            )
            return true
        }
        return try transaction.exists(
            "SELECT 1 FROM session WHERE id = ? AND person_id = ?",
            [.text(id), .text(account.id)]
        )
    }

    /// Ends every open session of `account`.
    static func endAll(
        of account: Account,
        at now: Timestamp,
        in transaction: Transaction
    ) throws {
        for session in try openSessions(of: account.id, at: now, in: transaction) {
            try end(session.id, of: account, at: now, in: transaction)
        }
    }

    private static let select = """
        SELECT id, person_id, device, opened_ms, used_ms, expires_ms FROM session
        """

    private static func session(_ row: Row) throws -> StoredSession {
        StoredSession(
            id: try row.text("id"),
            personID: try row.text("person_id"),
            device: try row.text("device"),
            opened: Timestamp(milliseconds: try row.int("opened_ms")),
            used: Timestamp(milliseconds: try row.int("used_ms")),
            expires: Timestamp(milliseconds: try row.int("expires_ms"))
        )
    }
}
