public import Contracts
public import RPC
import ServiceKit

extension ActionsService {
    /// Sums up a young person's week, Monday to Sunday in their structure's time zone.
    public func getWeek(_ request: GetWeekRequest, _ call: CallContext) async throws -> Week {
        let id = try Check.id(request.youngPersonID, "young_person_id")
        var day: LocalDay?
        if !request.date.isEmpty {
            guard let given = LocalDay(request.date) else {
                throw RPCError.badField(
                    "date",
                    "must be a date like 2026-11-24, or empty for today"
                )
            }
            day = given
        }
        return try await weeks.week(of: id, around: day, for: call.caller, now: now())
    }
}
