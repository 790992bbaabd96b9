public import Contracts
public import RPC
import ServiceKit
import Storage

extension MessagingService {
    /// Moves the caller's side forward; what is behind already changes nothing.
    ///
    /// The notices of messages read this way count as seen.
    ///
    /// - Throws: INVALID_ARGUMENT for a bad id or a position behind the conversation's end;
    ///   PERMISSION_DENIED if the conversation is not the caller's.
    public func acknowledgeMessages(
        _ request: AcknowledgeMessagesRequest,
        _ call: CallContext
    ) async throws -> Conversation {
        let acknowledgement = Acknowledgement(
            youngPersonID: try Check.id(request.youngPersonID, "young_person_id"),
            deliveredThrough: request.deliveredThrough,
            readThrough: request.readThrough
        )
        return try await conversations.acknowledge(acknowledgement, by: call.caller, at: now())
    }
}

/// How far one side says that it is.
struct Acknowledgement: Sendable {
    let youngPersonID: String
    /// 0 leaves the position.
    let deliveredThrough: UInt64
    /// 0 leaves the position.
    let readThrough: UInt64

    /// Refuses positions of messages that do not exist.
    func check(last: UInt64) throws(RPCError) {
        let mend = "must be at most the conversation's last position, \(last)"
        guard deliveredThrough <= last else { throw .badField("delivered_through", mend) }
        guard readThrough <= last else { throw .badField("read_through", mend) }
    }
}

extension Position {
    /// Where this position is after `acknowledgement`: never further back, and never read further
    /// than delivered.
    func moved(by acknowledgement: Acknowledgement, at now: Timestamp) -> Position {
        var moved = self
        if acknowledgement.readThrough > readThrough {
            moved.readThrough = acknowledgement.readThrough
            moved.readMs = now.milliseconds
        }
        let delivered = max(acknowledgement.deliveredThrough, moved.readThrough)
        if delivered > deliveredThrough {
            moved.deliveredThrough = delivered
            moved.deliveredMs = now.milliseconds
        }
        return moved
    }
}
