import Storage

/// The only reader and writer of the `activation_code` table: at most one code per person.
enum ActivationCodeStore {
    /// Stores a new code, which ends the earlier one.
    ///
    /// - Returns: the last instant at which it works.
    static func replace(
        _ code: ActivationCode,
        for personID: String,
        at now: Timestamp,
        in transaction: Transaction
    ) throws -> Timestamp {
        let expires = now + Limits.activationCodeLifetime
        try transaction.execute(
            """
            INSERT INTO activation_code (person_id, code_hash, expires_ms) VALUES (?, ?, ?)
            ON CONFLICT (person_id) DO UPDATE
            SET code_hash = excluded.code_hash, expires_ms = excluded.expires_ms
            """,
            [
                .text(personID), .blob(code.hash(for: personID)), .integer(expires.milliseconds),
            ]
        )
        return expires
    }

    /// When the person's code ends; `nil` without one.
    static func expiry(of personID: String, in queries: some Queries) throws -> Timestamp? {
        try queries.row(
            "SELECT expires_ms FROM activation_code WHERE person_id = ?",
            [.text(personID)]
        ).map { Timestamp(milliseconds: try $0.int("expires_ms")) }
    }

    /// Whether `code` works for the person now.
    static func isValid(
        _ code: ActivationCode,
        for personID: String,
        at now: Timestamp,
        in queries: some Queries
    ) throws -> Bool {
        let row = try queries.row(
            "SELECT code_hash FROM activation_code WHERE person_id = ? AND expires_ms >= ?",
            [.text(personID), .integer(now.milliseconds)]
        )
        guard let row else { return false }
        return Digest.isEqual(try row.blob("code_hash"), code.hash(for: personID))
    }

    static func remove(of personID: String, in transaction: Transaction) throws {
        try transaction.execute(
            "DELETE FROM activation_code WHERE person_id = ?",
            [.text(personID)]
        )
    }
}
