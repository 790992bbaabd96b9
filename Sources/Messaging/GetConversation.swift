public import Contracts
public import RPC
import ServiceKit

extension MessagingService {
    /// Tells where a conversation stands; one without messages has position 0.
    ///
    /// - Throws: INVALID_ARGUMENT for a bad id; PERMISSION_DENIED if the conversation is not the
    ///   caller's.
    public func getConversation(
        _ request: GetConversationRequest,
        _ call: CallContext
    ) async throws -> Conversation {
        let youngPersonID = try Check.id(request.youngPersonID, "young_person_id")
        return try await conversations.conversation(of: youngPersonID, for: call.caller)
    }
}
