import NIOCore
import Synchronization

/// The connections of a server on one event loop that have something to send.
///
/// They send it one after the other when all that came has been read, not each when its own has
/// been: a peer that waits on many connections is then woken once for all of them, and waking
/// another core costs as much as answering a call.
///
/// Safety: touched on its event loop only.
final class FlushBatch: @unchecked Sendable {
    private let eventLoop: any EventLoop
    private var waiting: [ServerConnection] = []
    private var isScheduled = false

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        waiting.reserveCapacity(Limits.flushBatchMax)
    }

    /// Flushes `connection` at the end of this turn of the loop, or before if there are many.
    func add(_ connection: ServerConnection) {
        waiting.append(connection)
        guard waiting.count < Limits.flushBatchMax else { return flush() }
        guard !isScheduled else { return }
        isScheduled = true
        eventLoop.execute {
            self.isScheduled = false
            self.flush()
        }
    }

    private func flush() {
        // Flushing can end a connection, and that make others send.
        var connections: [ServerConnection] = []
        swap(&connections, &waiting)
        for connection in connections { connection.flush() }
        connections.removeAll(keepingCapacity: true)
        if waiting.isEmpty { swap(&connections, &waiting) }
    }
}

/// The flush batch of each event loop of a server.
final class FlushBatches: Sendable {
    private let batches = Mutex<[ObjectIdentifier: FlushBatch]>([:])

    subscript(eventLoop: any EventLoop) -> FlushBatch {
        batches.withLock { batches in
            if let batch = batches[ObjectIdentifier(eventLoop)] { return batch }
            let batch = FlushBatch(eventLoop)
            batches[ObjectIdentifier(eventLoop)] = batch
            return batch
        }
    }
}
