public import Contracts
import RPC
public import Storage

/// Conversations between young people and their counsellors, and the notices of what happened.
///
/// Each method has a file of its own name.
public struct MessagingService: MessagingServer {
    let conversations: ConversationStore
    let notices: NoticeStore
    let now: @Sendable () -> Timestamp

    /// The service on `database`, whose tables are those of `MessagingSchema`.
    ///
    /// - Parameters:
    ///   - database: where everything is kept.
    ///   - now: the clock.
    public init(database: Database, now: @escaping @Sendable () -> Timestamp) {
        conversations = ConversationStore(database: database)
        notices = NoticeStore(database: database)
        self.now = now
    }
}

/// Outcomes of messaging that a caller can act on.
enum MessagingError: RPCFailure, Equatable {
    /// The id belongs to a message with another text, conversation or sender.
    case messageIDTaken
    /// The caller is not a side of any conversation.
    case notAParticipant

    var rpcError: RPCError {
        switch self {
        case .messageIDTaken:
            RPCError(.alreadyExists, "Another message has this id; send yours with a new one.")
        case .notAParticipant:
            RPCError(.permissionDenied, "Only young people and counsellors have conversations.")
        }
    }
}
