public import Contracts
public import RPC
import ServiceKit
import Storage

extension AccountsService {
    /// Opens a session.
    ///
    /// An unknown address, an account without password and a wrong password take the same path:
    /// one hash, one counted try, one sentence.
    ///
    /// - Throws: `AccountsError.wrongCredentials`; `tooManyTries` after 25 wrong tries in a day,
    ///   for the right password too; `busy` if too many hashes wait.
    public func signIn(
        _ request: SignInRequest,
        _ call: CallContext
    ) async throws -> SignInResponse {
        let entry = try AccountFields.checkEntry(email: request.email, device: request.device)
        let longest = Limits.passwordLength.upperBound
        guard (1...longest).contains(request.password.unicodeScalars.count) else {
            throw RPCError.badField("password", "must be 1 to \(longest) characters")
        }
        let now = now()
        let candidate = try await candidate(for: entry, at: now)
        let isRight = try await hasher.matches(request.password, candidate.hash)
        let token = SessionToken(random: random)
        let response: SignInResponse? = try await database.write { transaction in
            // Checked again: many tries at once all saw the counter before any of them moved it.
            try SignInFailureStore.check(candidate.countedAs, at: now, in: transaction)
            guard isRight, let account = candidate.account,
                // A password changed in the meantime is a wrong one.
                try PersonStore.passwordHash(of: account.id, in: transaction)
                    == candidate.hash?.stored
            else {
                // Returned, not thrown: a throwing transaction would forget the count.
                try SignInFailureStore.count(candidate.countedAs, at: now, in: transaction)
                return nil
            }
            let session = newSession(of: account, device: entry.device, at: now)
            try SessionStore.open(session, token: token, of: account, in: transaction)
            return SignInResponse(
                token: token.text,
                person: try PersonStore.person(account, in: transaction),
                expiresMs: session.expires.milliseconds
            )
        }
        guard let response else { throw AccountsError.wrongCredentials }
        return response
    }

    /// A session that begins now.
    func newSession(of account: Account, device: String, at now: Timestamp) -> StoredSession {
        StoredSession(
            id: ids.next(at: now),
            personID: account.id,
            device: device,
            opened: now,
            used: now,
            expires: now + Limits.sessionLifetime
        )
    }

    /// Whom a sign-in may turn out to be.
    private struct Candidate: Sendable {
        let account: Account?
        /// `nil` without account or before its activation.
        let hash: PasswordHash?
        let countedAs: String
    }

    private func candidate(
        for entry: AccountFields.Entry,
        at now: Timestamp
    ) async throws -> Candidate {
        try await database.read { reader in
            let account = try PersonStore.find(emailKey: entry.emailKey, in: reader)
            let name = SignInFailureStore.account(account, emailKey: entry.emailKey)
            try SignInFailureStore.check(name, at: now, in: reader)
            let stored = try account.flatMap { try PersonStore.passwordHash(of: $0.id, in: reader) }
            return Candidate(
                account: account,
                hash: try stored.map { try PasswordHash(stored: $0) },
                countedAs: name
            )
        }
    }
}
