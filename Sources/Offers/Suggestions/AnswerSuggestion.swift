public import Contracts
public import RPC
import ServiceKit

extension AlertsService {
    /// Accepts or declines a suggestion made to the calling young person; for good.
    ///
    /// Safe to retry: the same answer again is the same success.
    ///
    /// - Throws: `AlertsError` if there is no such suggestion, if it was answered otherwise, or if
    ///   another search has its id; FAILED_PRECONDITION if there is no room for what it brings.
    public func answerSuggestion(
        _ request: AnswerSuggestionRequest,
        _ call: CallContext
    ) async throws -> Suggestion {
        let personID = try OffersService.youngPerson(call.caller)
        return try await suggestions.answer(
            try Check.id(request.id, "id"),
            isAccepted: request.accepted,
            by: call.caller,
            personID,
            at: now()
        )
    }
}
