public import Contracts
public import RPC
import ServiceKit
import Storage

extension AccountsService {
    /// Ends one of the caller's sessions; ending it again is the same success.
    ///
    /// - Throws: `AccountsError.sessionUnknown` if it is not theirs or was never opened.
    public func endSession(
        _ request: EndSessionRequest,
        _ call: CallContext
    ) async throws -> EndSessionResponse {
        let sessionID = try Check.id(request.sessionID, "session_id")
        let personID = call.caller.personID ?? ""
        let now = now()
        try await database.write { transaction in
            guard let account = try PersonStore.find(personID, in: transaction),
                try SessionStore.end(sessionID, of: account, at: now, in: transaction)
            else { throw AccountsError.sessionUnknown }
        }
        return EndSessionResponse()
    }
}
