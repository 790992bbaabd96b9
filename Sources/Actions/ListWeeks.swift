public import Contracts
public import RPC
import ServiceKit

extension ActionsService {
    /// Sums up this week for each of the calling counsellor's young people.
    public func listWeeks(
        _ request: ListWeeksRequest,
        _ call: CallContext
    ) async throws -> ListWeeksResponse {
        let weeks = try await weeks.caseload(of: call.caller.personID ?? "", now: now())
        return ListWeeksResponse(weeks: weeks)
    }
}
