public import Contracts
public import RPC
import Storage

extension AccountsService {
    /// Tells whose session a token is, and notes at most once an hour that it was used.
    ///
    /// - Throws: `AccountsError.signedOut` if the token is unknown, ended or too old.
    public func checkSession(
        _ request: CheckSessionRequest,
        _ call: CallContext
    ) async throws -> CheckSessionResponse {
        let token = SessionToken(shown: request.token)
        let now = now()
        let found: (StoredSession, Account)? = try await database.read { reader in
            guard let session = try SessionStore.find(token, at: now, in: reader),
                let account = try PersonStore.find(session.personID, in: reader)
            else { return nil }
            return (session, account)
        }
        guard let (session, account) = found else { throw AccountsError.signedOut }
        if now >= session.used + Limits.sessionUseGrain {
            try await database.write { transaction in
                try SessionStore.touch(session.id, at: now, in: transaction)
            }
        }
        return CheckSessionResponse(
            sessionID: session.id,
            personID: account.id,
            role: account.role.contract,
            expiresMs: session.expires.milliseconds
        )
    }
}
