public import Contracts
public import RPC
import ServiceKit

extension MessagingService {
    /// Marks the caller's notices up to a position as seen; again changes nothing.
    ///
    /// - Throws: INVALID_ARGUMENT for a position behind the caller's last notice.
    public func markNoticesSeen(
        _ request: MarkNoticesSeenRequest,
        _ call: CallContext
    ) async throws -> MarkNoticesSeenResponse {
        let person = try Participant(call.caller)
        let unseen = try await notices.markSeen(through: request.through, by: person, at: now())
        return MarkNoticesSeenResponse(unseen: unseen)
    }
}
