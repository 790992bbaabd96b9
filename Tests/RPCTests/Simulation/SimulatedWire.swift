import NIOCore

@testable import RPC

/// One direction of a connection: bytes that were written and have not arrived.
struct SimulatedWire {
    private var bytes = ByteBuffer()
    /// The writing end has closed: what is there arrives, then the end.
    private(set) var isClosed = false
    /// The reading end has learned that nothing more comes.
    private(set) var isEnded = false

    /// How many bytes are on their way.
    var count: Int { bytes.readableBytes }

    /// The writing end writes.
    mutating func write(_ more: ByteBuffer) {
        guard !isClosed else { return }
        bytes.writeImmutableBuffer(more)
    }

    /// The writing end closes.
    mutating func close() { isClosed = true }

    /// All but the first `count` bytes are lost, and nothing more comes.
    mutating func cut(after count: Int) {
        bytes.moveWriterIndex(to: bytes.readerIndex + min(count, bytes.readableBytes))
        isClosed = true
    }

    /// Up to `count` bytes arrive; the memory is their own, as a socket's read is.
    mutating func arrive(_ count: Int) -> ByteBuffer? {
        let count = min(count, bytes.readableBytes)
        guard count > 0, let view = bytes.readSlice(length: count) else { return nil }
        let arrived = ByteBuffer(bytes: view.readableBytesView)
        if bytes.readableBytes == 0 { bytes.clear() }
        return arrived
    }

    /// Whether the reading end learns of the end now.
    mutating func takeEnd() -> Bool {
        guard isClosed, !isEnded, bytes.readableBytes == 0 else { return false }
        isEnded = true
        return true
    }
}
