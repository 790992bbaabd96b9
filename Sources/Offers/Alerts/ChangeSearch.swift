public import Contracts
public import RPC
import ServiceKit

extension AlertsService {
    /// Gives a search another name and other criteria; the same again changes nothing.
    ///
    /// - Throws: INVALID_ARGUMENT naming the field; `AlertsError.unknownSearch`.
    public func changeSearch(
        _ request: ChangeSearchRequest,
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
        return try await searches.change(
            id,
            to: draft,
            for: call.caller,
            personID,
            at: now
        )
    }
}
