import NIOCore
import Synchronization

/// One wait of a writer, which the cancellation of its task finds again.
final class SendTicket: Sendable {
    private let cancelled = Atomic(false)

    /// Whether the task was cancelled, perhaps before it waited.
    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    /// The task was cancelled; the gate has to hear of it next, on the event loop.
    func cancel() {
        cancelled.store(true, ordering: .relaxed)
    }
}

/// The writers of one stream that wait for credit, or for the socket to take more.
struct SendGate {
    private struct Writer {
        let ticket: SendTicket
        let continuation: UnsafeContinuation<Bool, any Error>
    }

    /// Empty arrays take no memory, so calls without streams pay nothing.
    private var writers: [Writer] = []
    private var error: (any Error)?

    /// Makes `continuation` wait until the gate opens; it then returns `false`: not sent yet.
    mutating func wait(
        _ ticket: SendTicket,
        _ continuation: UnsafeContinuation<Bool, any Error>
    ) {
        if let error { return continuation.resume(throwing: error) }
        guard !ticket.isCancelled else {
            return continuation.resume(throwing: CancellationError())
        }
        writers.append(Writer(ticket: ticket, continuation: continuation))
    }

    /// More can be sent: all writers try again.
    mutating func open() {
        guard !writers.isEmpty else { return }
        let woken = writers
        writers = []
        for writer in woken { writer.continuation.resume(returning: false) }
    }

    /// Nothing can be sent any more.
    mutating func close(_ error: any Error) {
        guard self.error == nil else { return }
        self.error = error
        let woken = writers
        writers = []
        for writer in woken { writer.continuation.resume(throwing: error) }
    }

    /// The task that waits under `ticket` was cancelled.
    mutating func cancel(_ ticket: SendTicket) {
        guard let index = writers.firstIndex(where: { $0.ticket === ticket }) else { return }
        writers.remove(at: index).continuation.resume(throwing: CancellationError())
    }
}

/// One side's end of a call that sends messages: a writer may be on any thread, the gate is touched
/// on the event loop only.
protocol MessageSender: AnyObject, Sendable {
    var eventLoop: any EventLoop { get }
    var gate: SendGate { get set }

    /// Writes a MESSAGE, encoded in place, if there is credit. On the event loop.
    ///
    /// - Returns: Whether it was written; if not, the writer waits for the gate.
    /// - Throws: The error that ended the call; what `encode` throws; `FrameSizeError`.
    func trySend(_ encode: (inout ByteBuffer) throws -> Void) throws -> Bool
}

extension MessageSender {
    /// Sends a message, waiting for credit as long as needed.
    func send(_ message: some ProtobufMessage) async throws {
        if eventLoop.inEventLoop, try trySend({ buffer in try message.encode(into: &buffer) }) {
            return
        }
        var payload = ByteBuffer()
        try message.encode(into: &payload)
        while try await !sendOrWait(payload) {}
    }

    /// Sends an encoded message, waiting for credit as long as needed.
    func send(_ payload: ByteBuffer) async throws {
        if eventLoop.inEventLoop, try trySend({ buffer in buffer.writeImmutableBuffer(payload) }) {
            return
        }
        while try await !sendOrWait(payload) {}
    }

    /// Tries on the event loop, and waits for the gate if it cannot be.
    ///
    /// - Returns: Whether the message was written; if not, the gate has opened since.
    private func sendOrWait(_ payload: ByteBuffer) async throws -> Bool {
        let ticket = SendTicket()
        return try await withTaskCancellationHandler {
            // Safety: resumed by the try below if it ends the matter, else by the gate, once.
            try await withUnsafeThrowingContinuation { continuation in
                eventLoop.perform { self.sendOrWait(payload, ticket, continuation) }
            }
        } onCancel: {
            ticket.cancel()
            eventLoop.execute { self.gate.cancel(ticket) }
        }
    }

    private func sendOrWait(
        _ payload: ByteBuffer,
        _ ticket: SendTicket,
        _ continuation: UnsafeContinuation<Bool, any Error>
    ) {
        do {
            if try trySend({ buffer in buffer.writeImmutableBuffer(payload) }) {
                continuation.resume(returning: true)
            } else {
                gate.wait(ticket, continuation)
            }
        } catch {
            continuation.resume(throwing: error)
        }
    }
}
