public import Contracts
public import RPC
import Storage

extension AccountsService {
    /// Turns an activation code into a password and signs in.
    ///
    /// Ends the code and, for someone who had a password before, every open session.
    ///
    /// - Throws: `AccountsError.wrongCode`, alike for an unknown address and a wrong or old code;
    ///   `tooManyTries` after 25 wrong ones in a day; `busy` if too many hashes wait.
    public func activate(
        _ request: ActivateRequest,
        _ call: CallContext
    ) async throws -> SignInResponse {
        let entry = try AccountFields.checkEntry(email: request.email, device: request.device)
        let password = try AccountFields.checkNewPassword(request.password)
        let code = ActivationCode(typed: request.activationCode)
        let now = now()
        let found = try await account(of: entry, with: code, at: now)
        guard let found, let code else { throw AccountsError.wrongCode }
        let hash = try await hasher.hash(password, salt: random(PasswordHash.saltBytes))
        let token = SessionToken(random: random)
        let session = newSession(of: found, device: entry.device, at: now)
        return try await database.write { transaction in
            let name = SignInFailureStore.account(found, emailKey: entry.emailKey)
            try SignInFailureStore.check(name, at: now, in: transaction)
            // The same code may have been used while this password was hashed.
            guard var account = try PersonStore.find(found.id, in: transaction),
                try ActivationCodeStore.isValid(code, for: account.id, at: now, in: transaction)
            else { throw AccountsError.wrongCode }
            try ActivationCodeStore.remove(of: account.id, in: transaction)
            try PersonStore.setPasswordHash(hash, of: account.id, in: transaction)
            try SessionStore.endAll(of: account, at: now, in: transaction)
            try SessionStore.open(session, token: token, of: account, in: transaction)
            let wasActivated = account.isActivated
            account.isActivated = true
            let person = try PersonStore.person(account, in: transaction)
            if !wasActivated { try transaction.appendChanged(account, as: person, at: now) }
            return SignInResponse(
                token: token.text,
                person: person,
                expiresMs: session.expires.milliseconds
            )
        }
    }

    /// The account that `code` opens; `nil`, and a wrong try counted, if it opens none.
    private func account(
        of entry: AccountFields.Entry,
        with code: ActivationCode?,
        at now: Timestamp
    ) async throws -> Account? {
        try await database.write { transaction in
            let account = try PersonStore.find(emailKey: entry.emailKey, in: transaction)
            let name = SignInFailureStore.account(account, emailKey: entry.emailKey)
            try SignInFailureStore.check(name, at: now, in: transaction)
            if let account, let code,
                try ActivationCodeStore.isValid(code, for: account.id, at: now, in: transaction)
            {
                return account
            }
            try SignInFailureStore.count(name, at: now, in: transaction)
            return nil
        }
    }
}
