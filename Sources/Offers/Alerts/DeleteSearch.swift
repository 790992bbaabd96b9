public import Contracts
public import RPC
import ServiceKit

extension AlertsService {
    /// Forgets a saved search of the caller's; forgetting it again changes nothing.
    public func deleteSearch(
        _ request: DeleteSearchRequest,
        _ call: CallContext
    ) async throws -> DeleteSearchResponse {
        let personID = try OffersService.youngPerson(call.caller)
        let id = try Check.id(request.id, "id")
        try await searches.delete(id, for: call.caller, personID, at: now())
        return DeleteSearchResponse()
    }
}
