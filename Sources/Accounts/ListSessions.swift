public import Contracts
public import RPC
import ServiceKit
import Storage

extension AccountsService {
    /// Lists the caller's open sessions, newest first.
    public func listSessions(
        _ request: ListSessionsRequest,
        _ call: CallContext
    ) async throws -> ListSessionsResponse {
        let personID = call.caller.personID ?? ""
        let current = call.sessionID
        let now = now()
        let sessions = try await database.read { reader in
            try SessionStore.openSessions(of: personID, at: now, in: reader)
        }
        return ListSessionsResponse(
            sessions: sessions.map { session in
                Session(
                    id: session.id,
                    device: session.device,
                    openedMs: session.opened.milliseconds,
                    usedMs: session.used.milliseconds,
                    expiresMs: session.expires.milliseconds,
                    current: session.id == current
                )
            }
        )
    }
}
