public import NIOCore

/// The messages that a server sends in a call, one after the other.
///
/// Single pass.
///
/// Each message taken gives the server credit for the next ones.
public struct ResponseStream<Message: ProtobufMessage>: AsyncSequence, Sendable {
    /// What the iterator gives.
    public typealias Element = Message

    private let call: ClientCall

    init(_ call: ClientCall) {
        self.call = call
    }

    /// Reads on from where the last iterator stopped.
    public func makeAsyncIterator() -> Iterator { Iterator(call: call) }

    /// Reads message after message.
    public struct Iterator: AsyncIteratorProtocol {
        let call: ClientCall

        /// The next message, or `nil` when the server has ended the call with OK.
        ///
        /// - Throws: `RPCError`, the status that ended the call; `CancellationError` when the
        ///   reading task is cancelled.
        public mutating func next() async throws -> Message? {
            guard let payload = try await call.nextMessage() else { return nil }
            return try decodeAnswer(payload)
        }
    }
}

/// Sends the messages of a client's stream.
public struct RequestWriter<Message: ProtobufMessage>: Sendable {
    private let call: ClientCall

    init(_ call: ClientCall) {
        self.call = call
    }

    /// Sends one message, waiting until the call is open and the server has credit to give.
    ///
    /// - Throws: `RPCError` when the call has ended or the message is larger than the server
    ///   accepts; `CancellationError` when the writing task is cancelled.
    public func write(_ message: Message) async throws {
        do {
            try await call.send(message)
        } catch {
            throw sendError(error)
        }
    }

    /// Says that no more messages follow.
    ///
    /// Happens by itself when the writing closure of a client stream returns.
    public func finish() {
        call.finishRequests()
    }
}

/// The messages that a server sends, undecoded.
///
/// Single pass.
///
/// A message that comes with the final status is the last element.
public struct RawResponseStream: AsyncSequence, Sendable {
    /// What the iterator gives.
    public typealias Element = ByteBuffer

    private let call: ClientCall

    init(_ call: ClientCall) {
        self.call = call
    }

    /// Reads on from where the last iterator stopped.
    public func makeAsyncIterator() -> Iterator { Iterator(call: call) }

    /// Reads message after message.
    public struct Iterator: AsyncIteratorProtocol {
        let call: ClientCall

        /// The next message, or `nil` when the server has ended the call with OK.
        ///
        /// - Throws: as `ResponseStream`.
        public mutating func next() async throws -> ByteBuffer? { try await call.nextMessage() }
    }
}

/// Sends the messages of a client's stream as they are.
public struct RawRequestWriter: Sendable {
    private let call: ClientCall

    init(_ call: ClientCall) {
        self.call = call
    }

    /// Sends one message, waiting until the call is open and the server has credit to give.
    ///
    /// - Throws: as `RequestWriter.write`.
    public func write(_ payload: ByteBuffer) async throws {
        do {
            try await call.send(payload)
        } catch {
            throw sendError(error)
        }
    }

    /// Says that no more messages follow.
    public func finish() {
        call.finishRequests()
    }
}

/// Decodes what a server sent.
///
/// - Throws: `RPCError` INTERNAL, because the fault is the server's.
func decodeAnswer<Message: ProtobufMessage>(_ payload: ByteBuffer) throws(RPCError) -> Message {
    do {
        return try Message(decoding: payload)
    } catch {
        throw RPCError(.internal, "The server's answer does not decode: \(error)")
    }
}
