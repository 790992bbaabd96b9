public import Contracts
public import RPC
import ServiceKit

extension OffersService {
    /// Lists a young person's saved offers, latest first.
    ///
    /// - Throws: PERMISSION_DENIED unless they are the caller or in the caller's caseload.
    public func listFavourites(
        _ request: ListFavouritesRequest,
        _ call: CallContext
    ) async throws -> ListFavouritesResponse {
        let personID = try Self.subject(request.youngPersonID, of: call.caller)
        let limit = try Check.limit(request.limit, default: 50, max: 200)
        // One more than the page holds tells whether there is a next page.
        var found = try await favourites.list(
            personID,
            for: call.caller,
            after: PagePosition(request.cursor),
            limit: limit + 1
        )
        guard found.count > limit else { return ListFavouritesResponse(favourites: found) }
        found.removeLast()
        let next = found.last.map { PagePosition(ms: $0.savedMs, id: $0.offer?.id ?? "").text }
        return ListFavouritesResponse(favourites: found, next: next ?? "")
    }
}
