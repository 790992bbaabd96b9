public import RPC
public import Storage

extension Transaction {
    /// Tells the change feed that `body` happened, in this same transaction.
    ///
    /// The change's kind is the message's full name; readers find the message by it.
    public func append(
        _ body: some ProtobufMessage,
        youngPersonID: String = "",
        counsellorID: String = "",
        at now: Timestamp
    ) throws {
        try append(
            kind: type(of: body).fullName,
            youngPersonID: youngPersonID,
            counsellorID: counsellorID,
            body: try body.serializedBytes(),
            at: now
        )
    }
}
