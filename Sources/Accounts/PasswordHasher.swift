/// Hashes and checks passwords away from the event loops, at most one per core at a time.
struct PasswordHasher: Sendable {
    let pool: HashPool
    let scrypt: Scrypt

    /// Hashes a new password with a fresh salt of `PasswordHash.saltBytes`.
    func hash(_ password: String, salt: [UInt8]) async throws -> PasswordHash {
        let scrypt = scrypt
        return try await pool.run { try PasswordHash(password, salt: salt, scrypt: scrypt) }
    }

    /// Whether `password` is the one behind `stored`.
    ///
    /// Without a stored hash the same work is done for the answer "no", so that time does not tell
    /// whether there is an account.
    func matches(_ password: String, _ stored: PasswordHash?) async throws -> Bool {
        let hash = stored ?? .unmatchable(scrypt)
        return try await pool.run { try hash.matches(password) }
    }
}
