public import Contracts
public import RPC
import ServiceKit
import Storage

extension AccountsService {
    /// Ends the calling session; ending it again is the same success.
    public func signOut(
        _ request: SignOutRequest,
        _ call: CallContext
    ) async throws -> SignOutResponse {
        let personID = call.caller.personID ?? ""
        let sessionID = call.sessionID
        let now = now()
        try await database.write { transaction in
            guard let account = try PersonStore.find(personID, in: transaction) else { return }
            try SessionStore.end(sessionID, of: account, at: now, in: transaction)
        }
        return SignOutResponse()
    }
}
