public import Contracts
public import RPC
import ServiceKit

extension OffersService {
    /// Forgets a saved offer; forgetting it again changes nothing.
    public func removeFavourite(
        _ request: RemoveFavouriteRequest,
        _ call: CallContext
    ) async throws -> RemoveFavouriteResponse {
        let personID = try Self.youngPerson(call.caller)
        let offerID = try Self.offerID(request.offerID, "offer_id")
        try await favourites.remove(offerID, for: call.caller, personID, at: now())
        return RemoveFavouriteResponse()
    }
}
