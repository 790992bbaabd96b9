public import Contracts
public import RPC
import ServiceKit

extension MessagingService {
    /// Lists a counsellor's whole caseload, those without a message too, or the young person's one
    /// conversation.
    ///
    /// - Throws: PERMISSION_DENIED for a young person whose account has not arrived here yet.
    public func listConversations(
        _ request: ListConversationsRequest,
        _ call: CallContext
    ) async throws -> ListConversationsResponse {
        let all = try await conversations.conversations(of: call.caller)
        let sorted = all.sorted(by: Self.isShownBefore)
        return ListConversationsResponse(
            conversations: Array(sorted.prefix(Limits.conversationsMax))
        )
    }

    /// Those with unread messages first, then by latest message; the id settles equal times so that
    /// the order is the same with every call.
    static func isShownBefore(_ left: Conversation, _ right: Conversation) -> Bool {
        if (left.unread > 0) != (right.unread > 0) { return left.unread > 0 }
        if left.lastSentMs != right.lastSentMs { return left.lastSentMs > right.lastSentMs }
        return left.youngPersonID < right.youngPersonID
    }
}
