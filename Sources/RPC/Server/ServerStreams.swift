public import NIOCore

/// The messages that a client sends in a call, one after the other.
///
/// Single pass.
///
/// Each message taken gives the client credit for the next ones: a handler that does not read holds
/// up its own stream and nothing else.
public struct RequestStream<Message: ProtobufMessage>: AsyncSequence, Sendable {
    /// What the iterator gives.
    public typealias Element = Message

    private let call: ServerCall

    init(_ call: ServerCall) {
        self.call = call
    }

    /// Reads on from where the last iterator stopped.
    public func makeAsyncIterator() -> Iterator { Iterator(call: call) }

    /// Reads message after message.
    public struct Iterator: AsyncIteratorProtocol {
        let call: ServerCall

        /// The next message, or `nil` when the client has sent its last.
        ///
        /// - Throws: `RPCError` when the call ended, or for a message that does not decode, which
        ///   ends the call; `CancellationError` when the reading task is cancelled.
        public mutating func next() async throws -> Message? {
            guard let payload = try await call.nextMessage() else { return nil }
            do {
                return try Message(decoding: payload)
            } catch {
                let fault = RPCError(decoding: error)
                call.end(fault)
                throw fault
            }
        }
    }
}

/// Sends the messages of a server's stream.
public struct ResponseWriter<Message: ProtobufMessage>: Sendable {
    private let call: ServerCall

    init(_ call: ServerCall) {
        self.call = call
    }

    /// Sends one message, waiting until the client has credit to give.
    ///
    /// - Throws: `RPCError` when the call has ended or the message is larger than the client
    ///   accepts; `CancellationError` when the writing task is cancelled.
    public func write(_ message: Message) async throws {
        do {
            try await call.send(message)
        } catch {
            throw sendError(error)
        }
    }
}

/// The messages that a client sends, undecoded.
///
/// Single pass.
public struct RawRequestStream: AsyncSequence, Sendable {
    /// What the iterator gives.
    public typealias Element = ByteBuffer

    private let call: ServerCall

    init(_ call: ServerCall) {
        self.call = call
    }

    /// Reads on from where the last iterator stopped.
    public func makeAsyncIterator() -> Iterator { Iterator(call: call) }

    /// Reads message after message.
    public struct Iterator: AsyncIteratorProtocol {
        let call: ServerCall

        /// The next message, or `nil` when the client has sent its last.
        ///
        /// - Throws: `RPCError` when the call ended; `CancellationError` when the reading task is
        ///   cancelled.
        public mutating func next() async throws -> ByteBuffer? { try await call.nextMessage() }
    }
}

/// Sends the messages of a server's stream as they are.
public struct RawResponseWriter: Sendable {
    private let call: ServerCall

    init(_ call: ServerCall) {
        self.call = call
    }

    /// Sends one message, waiting until the client has credit to give.
    ///
    /// - Throws: as `ResponseWriter.write`.
    public func write(_ payload: ByteBuffer) async throws {
        do {
            try await call.send(payload)
        } catch {
            throw sendError(error)
        }
    }
}

/// What a writer of messages sees when one cannot be sent.
func sendError(_ error: any Error) -> any Error {
    switch error {
    case let error as FrameSizeError: error.rpcError
    case let error as EncodingFault:
        RPCError(.internal, "The message cannot be encoded: \(error)")
    default: error
    }
}

extension RPCError {
    /// The error for a request that does not decode; names the field where it is known.
    init(decoding fault: DecodingFault) {
        if fault.field.isEmpty {
            self.init(.invalidArgument, fault.description)
        } else {
            self = .badField(fault.field, fault.mend)
        }
    }
}
