public import Contracts
public import RPC
import ServiceKit

extension MessagingService {
    /// Stores a message at the end of a conversation and tells the other side.
    ///
    /// Safe to retry: the same message again answers the one stored, and tells nobody.
    ///
    /// - Throws: INVALID_ARGUMENT for a bad id or text; PERMISSION_DENIED if the conversation is
    ///   not the caller's; ALREADY_EXISTS if another message has this id.
    public func sendMessage(
        _ request: SendMessageRequest,
        _ call: CallContext
    ) async throws -> Message {
        let draft = MessageDraft(
            id: try Check.id(request.id, "id"),
            youngPersonID: try Check.id(request.youngPersonID, "young_person_id"),
            text: try Check.text(request.text, "text", Limits.messageCharacters)
        )
        return try await conversations.send(draft, from: call.caller, at: now())
    }
}

/// What a sender decides of a message.
struct MessageDraft: Sendable {
    let id: String
    let youngPersonID: String
    let text: String

    /// Whether `stored` is this message by the same sender, so that sending it again is a retry.
    func isRetry(of stored: Message, by participant: Participant) -> Bool {
        stored.youngPersonID == youngPersonID && stored.sender == participant.side
            && stored.senderID == participant.personID
            // Scalar by scalar: Swift's `==` also accepts other spellings of the same letters.
            && stored.text.unicodeScalars.elementsEqual(text.unicodeScalars)
    }
}
