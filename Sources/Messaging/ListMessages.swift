public import Contracts
public import RPC
import ServiceKit

extension MessagingService {
    /// Answers a page of a conversation, newest first.
    ///
    /// A page may be shorter than asked for when its texts are long; `more` says whether to go on.
    ///
    /// - Throws: INVALID_ARGUMENT for a bad id or limit; PERMISSION_DENIED if the conversation is
    ///   not the caller's.
    public func listMessages(
        _ request: ListMessagesRequest,
        _ call: CallContext
    ) async throws -> ListMessagesResponse {
        let youngPersonID = try Check.id(request.youngPersonID, "young_person_id")
        let page = MessagePage(
            before: request.before == 0 ? .max : request.before,
            limit: try Check.limit(
                request.limit,
                default: Limits.pageDefault,
                max: Limits.pageMax
            )
        )
        let messages = try await conversations.messages(page, of: youngPersonID, for: call.caller)
        // Positions have no gaps, so there are older messages exactly if this is not the first.
        return ListMessagesResponse(
            messages: messages,
            more: messages.last.map { $0.sequence > 1 } ?? false
        )
    }
}

/// Which part of a conversation is asked for.
struct MessagePage: Sendable {
    /// Only messages in front of this position.
    let before: UInt64
    /// At most so many.
    let limit: Int
}
