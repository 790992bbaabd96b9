import NIOCore

/// Plaintext that waits for a flush, or for the end of the handshake.
struct WriteQueue {
    private struct Entry {
        var plaintext: ByteBuffer
        var promise: EventLoopPromise<Void>?
    }

    private var entries = MarkedCircularBuffer<Entry>(initialCapacity: 4)

    mutating func append(_ plaintext: ByteBuffer, _ promise: EventLoopPromise<Void>?) {
        entries.append(Entry(plaintext: plaintext, promise: promise))
    }

    /// Everything appended so far is to be sent.
    mutating func flush() {
        entries.mark()
    }

    /// Whether something flushed has not been taken yet.
    var hasFlushed: Bool { entries.hasMark }

    /// Takes the flushed plaintext that fits one record; at least one entry, which may be longer.
    ///
    /// Small writes are copied together: a record costs 22 bytes and a call of libssl.
    mutating func nextBatch(promises: inout [EventLoopPromise<Void>]) -> ByteBuffer? {
        guard entries.hasMark, var batch = take(&promises) else { return nil }
        while entries.hasMark, let next = entries.first,
            batch.readableBytes + next.plaintext.readableBytes <= Limits.recordBytesMax,
            var plaintext = take(&promises)
        {
            batch.writeBuffer(&plaintext)
        }
        return batch
    }

    /// Empties the queue, for a connection that ends.
    mutating func removeAll() -> [EventLoopPromise<Void>] {
        var promises: [EventLoopPromise<Void>] = []
        while !entries.isEmpty { _ = take(&promises) }
        return promises
    }

    private mutating func take(_ promises: inout [EventLoopPromise<Void>]) -> ByteBuffer? {
        guard let entry = entries.popFirst() else { return nil }
        if let promise = entry.promise { promises.append(promise) }
        return entry.plaintext
    }
}
