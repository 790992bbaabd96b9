public import Contracts
public import RPC
import ServiceKit

extension AlertsService {
    /// Keeps a search under a name and hears of new offers from then on.
    ///
    /// Safe to retry with the same `id`.
    ///
    /// - Throws: INVALID_ARGUMENT naming the field; `AlertsError` for another search with this id or
    ///   too many searches.
    public func saveSearch(
        _ request: SaveSearchRequest,
        _ call: CallContext
    ) async throws -> SavedSearch {
        let personID = try OffersService.youngPerson(call.caller)
        let id = try Check.id(request.id, "id")
        let now = now()
        let draft = try SearchDraft(
            request.search,
            "search",
            communes: try await communes.table(),
            now: now
        )
        return try await searches.save(
            draft,
            id: id,
            for: call.caller,
            personID,
            at: now
        )
    }
}
