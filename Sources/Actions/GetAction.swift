public import Contracts
public import RPC
import ServiceKit

extension ActionsService {
    /// Answers one action.
    ///
    /// - Throws: `ActionsError.unknownAction` if there is none among the caller's.
    public func getAction(
        _ request: GetActionRequest,
        _ call: CallContext
    ) async throws -> Action {
        try await actions.get(try Check.id(request.id, "id"), for: call.caller, now: now())
    }
}
