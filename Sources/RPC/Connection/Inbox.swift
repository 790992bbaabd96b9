import NIOCore

/// The messages of one stream that came and are not read yet, and the reader that waits for one.
struct Inbox {
    /// A message, and whether it took up credit: what comes with REQUEST and RESPONSE does not.
    struct Message {
        let payload: ByteBuffer
        let isCounted: Bool

        /// What the message takes up while it waits.
        var bytes: Int { payload.readableBytes + Limits.messageOverheadBytes }
    }

    /// What there is to read.
    enum Item {
        case message(Message)
        case end
        case failed(any Error)
        /// Nothing yet.
        case none
    }

    private enum End {
        case clean
        case failed(any Error)
    }

    private struct Reader {
        let ticket: UInt64
        let continuation: UnsafeContinuation<ByteBuffer?, any Error>
    }

    /// Made when a message has to wait, so that calls without streams pay nothing.
    private var queue: CircularBuffer<Message>?
    /// The memory of the messages that wait.
    private(set) var bytes = 0
    private var end: End?
    private var reader: Reader?
    /// The last ticket whose task was cancelled while it did not wait.
    private var cancelledTicket: UInt64 = 0

    /// A message came.
    ///
    /// - Returns: Whether a reader took it at once.
    mutating func put(_ payload: ByteBuffer, isCounted: Bool) -> Bool {
        guard end == nil else { return false }
        if let reader {
            self.reader = nil
            reader.continuation.resume(returning: payload)
            return true
        }
        if queue == nil { queue = CircularBuffer(initialCapacity: 4) }
        let message = Message(payload: payload.ofItsOwn, isCounted: isCounted)
        queue?.append(message)
        bytes += message.bytes
        return false
    }

    /// No message comes any more; what waits can still be read.
    mutating func finish(_ error: (any Error)? = nil) {
        guard end == nil else { return }
        end = error.map(End.failed) ?? .clean
        guard let reader else { return }
        self.reader = nil
        if let error {
            reader.continuation.resume(throwing: error)
        } else {
            reader.continuation.resume(returning: nil)
        }
    }

    /// The stream broke off: what waits is dropped, unless the stream had come to its end before.
    mutating func fail(_ error: any Error) {
        guard end == nil else { return }
        drop(error)
    }

    /// Whatever the stream had come to, what waits is dropped.
    mutating func drop(_ error: any Error) {
        queue = nil
        bytes = 0
        end = nil
        finish(error)
    }

    /// Takes what can be read now.
    mutating func take() -> Item {
        if let message = queue?.popFirst() {
            bytes -= message.bytes
            return .message(message)
        }
        switch end {
        case .clean: return .end
        case .failed(let error): return .failed(error)
        case nil: return .none
        }
    }

    /// Makes `continuation` wait for the next message; there must be nothing to read.
    mutating func wait(
        _ ticket: UInt64,
        _ continuation: UnsafeContinuation<ByteBuffer?, any Error>
    ) {
        guard ticket != cancelledTicket else {
            return continuation.resume(throwing: CancellationError())
        }
        guard reader == nil else {
            return continuation.resume(
                throwing: RPCError(.failedPrecondition, "Two tasks read one stream at once.")
            )
        }
        reader = Reader(ticket: ticket, continuation: continuation)
    }

    /// The task that reads under `ticket` was cancelled.
    mutating func cancel(_ ticket: UInt64) {
        guard let reader, reader.ticket == ticket else {
            cancelledTicket = max(cancelledTicket, ticket)
            return
        }
        self.reader = nil
        reader.continuation.resume(throwing: CancellationError())
    }
}

/// One side's end of a call that receives messages: a reader may be on any thread, the inbox is
/// touched on the event loop only.
protocol MessageReceiver: AnyObject, Sendable {
    var eventLoop: any EventLoop { get }
    var inbox: Inbox { get set }
    /// Numbers the waits of this call, so that a cancellation finds its own. Above all before it;
    /// from any thread.
    func nextTicket() -> UInt64
    /// The application took a message that had taken up credit. On the event loop.
    func consumed(_ bytes: Int)
}

extension MessageReceiver {
    /// The next message, or `nil` after the last.
    ///
    /// - Throws: The error that ended the stream, or `CancellationError` if the reading task was
    ///   cancelled.
    func nextMessage() async throws -> ByteBuffer? {
        if eventLoop.inEventLoop {
            switch takeOnLoop() {
            case .message(let message): return message.payload
            case .end: return nil
            case .failed(let error): throw error
            case .none: break
            }
        }
        let ticket = nextTicket()
        return try await withTaskCancellationHandler {
            // Safety: `read` hands the continuation to the inbox, which resumes it exactly once:
            // with a message, the end, an error or a cancellation.
            try await withUnsafeThrowingContinuation { continuation in
                if eventLoop.inEventLoop {
                    read(ticket, continuation)
                } else {
                    eventLoop.execute { self.read(ticket, continuation) }
                }
            }
        } onCancel: {
            eventLoop.execute { self.inbox.cancel(ticket) }
        }
    }

    /// A message came.
    ///
    /// On the event loop.
    func deliver(_ payload: ByteBuffer, isCounted: Bool) {
        if inbox.put(payload, isCounted: isCounted), isCounted { consumed(payload.readableBytes) }
    }

    private func takeOnLoop() -> Inbox.Item {
        let item = inbox.take()
        if case .message(let message) = item, message.isCounted {
            consumed(message.payload.readableBytes)
        }
        return item
    }

    private func read(
        _ ticket: UInt64,
        _ continuation: UnsafeContinuation<ByteBuffer?, any Error>
    ) {
        switch takeOnLoop() {
        case .message(let message): continuation.resume(returning: message.payload)
        case .end: continuation.resume(returning: nil)
        case .failed(let error): continuation.resume(throwing: error)
        case .none: inbox.wait(ticket, continuation)
        }
    }
}

extension EventLoop {
    /// Runs `body` on the loop: at once if this is its thread, else as soon as it gets there.
    func perform(_ body: @escaping @Sendable () -> Void) {
        if inEventLoop {
            body()
        } else {
            execute(body)
        }
    }
}

extension ByteBuffer {
    /// The bytes in memory of their own if they are a small part of what they were read into: what
    /// waits must not keep all of that.
    var ofItsOwn: ByteBuffer {
        guard storageCapacity >= Limits.inboundBytesShared, readableBytes * 4 < storageCapacity
        else { return self }
        return ByteBuffer(bytes: readableBytesView)
    }
}
