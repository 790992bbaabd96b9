public import Contracts
public import RPC
import ServiceKit

extension AlertsService {
    /// Lists a young person's saved searches, oldest first.
    ///
    /// - Throws: PERMISSION_DENIED unless they are the caller or in the caller's caseload.
    public func listSearches(
        _ request: ListSearchesRequest,
        _ call: CallContext
    ) async throws -> ListSearchesResponse {
        let personID = try OffersService.subject(request.youngPersonID, of: call.caller)
        return ListSearchesResponse(
            searches: try await searches.list(personID, for: call.caller)
        )
    }
}
