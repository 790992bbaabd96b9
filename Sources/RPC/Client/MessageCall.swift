import NIOCore

/// A call that knows its message and encodes it straight into the outbound buffer.
///
/// Safety: as `ClientCall`.
final class MessageCall<Message: ProtobufMessage>: ClientCall, @unchecked Sendable {
    private let message: Message

    init(
        loop: ClientLoop,
        method: MethodDescriptor,
        message: Message,
        options: CallOptions,
        deadline: NIODeadline?
    ) {
        self.message = message
        super.init(
            loop: loop,
            method: method,
            payload: nil,
            options: options,
            deadline: deadline
        )
    }

    override var hasMessage: Bool { true }

    override func encodeRequest(into buffer: inout ByteBuffer) throws {
        try message.encode(into: &buffer)
    }
}
