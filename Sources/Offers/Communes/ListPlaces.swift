public import Contracts
public import RPC
import ServiceKit

extension OffersService {
    /// Finds communes by the beginning of their name or postal code, largest first.
    ///
    /// - Throws: INVALID_ARGUMENT for a beginning that is not 2 to 100 characters.
    public func listPlaces(
        _ request: ListPlacesRequest,
        _ call: CallContext
    ) async throws -> ListPlacesResponse {
        let prefix = try Check.text(request.prefix, "prefix", 2...OfferLimits.placeMax)
        let limit = try Check.limit(request.limit, default: 10, max: 50)
        let found = try await communes.table().communes(prefix: prefix, limit: limit)
        return ListPlacesResponse(places: found.map { Place($0) })
    }
}
