public import Contracts
public import RPC
import ServiceKit

extension MessagingService {
    /// Answers a page of the caller's notices of the last 10 days, newest first.
    ///
    /// - Throws: INVALID_ARGUMENT for a bad limit.
    public func listNotices(
        _ request: ListNoticesRequest,
        _ call: CallContext
    ) async throws -> ListNoticesResponse {
        let person = try Participant(call.caller)
        let page = NoticePage(
            before: request.before == 0 ? .max : request.before,
            limit: try Check.limit(
                request.limit,
                default: Limits.pageDefault,
                max: Limits.pageMax
            )
        )
        return try await notices.page(page, of: person.personID, at: now())
    }
}

/// Which part of a person's notices is asked for.
struct NoticePage: Sendable {
    /// Only notices in front of this position.
    let before: UInt64
    /// At most so many.
    let limit: Int
}
