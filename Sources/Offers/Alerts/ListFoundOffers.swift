public import Contracts
public import RPC
import ServiceKit

extension AlertsService {
    /// Lists the new offers that a saved search of the caller's found last, latest first.
    ///
    /// - Throws: `AlertsError.unknownSearch`.
    public func listFoundOffers(
        _ request: ListFoundOffersRequest,
        _ call: CallContext
    ) async throws -> ListFoundOffersResponse {
        let personID = try OffersService.youngPerson(call.caller)
        let id = try Check.id(request.searchID, "search_id")
        return ListFoundOffersResponse(offers: try await searches.found(id, personID))
    }
}
