public import Contracts
public import RPC
import ServiceKit

extension PursuitsService {
    /// Answers "have you applied?"; it is not asked again.
    ///
    /// - Throws: `PursuitsError.nothingAsked` if no link was followed; NOT_FOUND if there is no such
    ///   offer; INVALID_ARGUMENT naming the field.
    public func answerQuestion(
        _ request: AnswerQuestionRequest,
        _ call: CallContext
    ) async throws -> Pursuit {
        let personID = try OffersService.youngPerson(call.caller)
        let record = try StepRecord(request)
        return try await pursuits.answerQuestion(
            record,
            hasApplied: request.applied,
            of: personID,
            for: call.caller,
            at: now()
        )
    }
}
