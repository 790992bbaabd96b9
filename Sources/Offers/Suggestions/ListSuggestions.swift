public import Contracts
public import RPC
import ServiceKit

extension AlertsService {
    /// Lists what was suggested to a young person, latest first.
    ///
    /// - Throws: PERMISSION_DENIED unless they are the caller or in the caller's caseload.
    public func listSuggestions(
        _ request: ListSuggestionsRequest,
        _ call: CallContext
    ) async throws -> ListSuggestionsResponse {
        let personID = try OffersService.subject(request.youngPersonID, of: call.caller)
        let limit = try Check.limit(request.limit, default: 50, max: 100)
        guard request.states.count <= 2 * SuggestionState.allCases.count else {
            throw RPCError.badField("states", "must hold each state at most once")
        }
        for (index, state) in request.states.enumerated() {
            _ = try Check.known(state, "states[\(index)]")
        }
        // One more than the page holds tells whether there is a next page.
        var found = try await suggestions.list(
            personID,
            request.states,
            for: call.caller,
            after: PagePosition(request.cursor),
            limit: limit + 1
        )
        guard found.count > limit else { return ListSuggestionsResponse(suggestions: found) }
        found.removeLast()
        let next = found.last.map { PagePosition(ms: $0.suggestedMs, id: $0.id).text }
        return ListSuggestionsResponse(suggestions: found, next: next ?? "")
    }
}
