public import Contracts
public import RPC
import ServiceKit

extension OffersService {
    /// Saves an offer for later; saving it again changes nothing.
    ///
    /// - Throws: NOT_FOUND if there is no such offer; FAILED_PRECONDITION if too many are saved.
    public func addFavourite(
        _ request: AddFavouriteRequest,
        _ call: CallContext
    ) async throws -> Favourite {
        let personID = try Self.youngPerson(call.caller)
        let offerID = try Self.offerID(request.offerID, "offer_id")
        return try await favourites.add(offerID, for: call.caller, personID, at: now())
    }
}
