import NIOCore

@testable import RPC

/// The first byte of the input chooses the header.
func checkHeaders(_ input: UnsafeRawBufferPointer) throws {
    let bytes = ByteBuffer(bytes: input.dropFirst())
    switch (input.first ?? 0) % 3 {
    case 0: try checkRequestHead(bytes)
    case 1: try checkStatus(bytes)
    default: try checkHello(bytes)
    }
}

/// The codec on the way of every call, against the generated one.
private func checkRequestHead(_ bytes: ByteBuffer) throws {
    guard let head = try? RequestHead(decoding: bytes) else { return }
    let path = String(buffer: head.path)
    guard head.traceContext.isEmpty || head.traceContext.count == 25 else {
        throw PropertyFailure("a trace context of \(head.traceContext.count) bytes")
    }
    // What is bounded by memory, and texts beside the path, may be refused by the other codec alone.
    if let wire = try? WireRequestHeader(decoding: bytes) {
        guard wire.path == path, wire.timeoutUs == head.timeoutMicroseconds,
            wire.attempt == head.attempt, wire.metadata.count == head.metadata.pairs.count
        else { throw PropertyFailure("\(head), not \(wire)") }
        for (pair, other) in zip(head.metadata.pairs, wire.metadata) {
            guard pair.key == other.key, pair.value == other.value else {
                throw PropertyFailure("\(pair), not \(other)")
            }
        }
    }
    var buffer = ByteBuffer()
    buffer.writeRequestHead(
        path: path,
        timeoutMicroseconds: head.timeoutMicroseconds,
        metadata: head.metadata
    )
    let again = try RequestHead(decoding: buffer)
    guard again.path == head.path, again.timeoutMicroseconds == head.timeoutMicroseconds,
        again.metadata == head.metadata
    else { throw PropertyFailure("\(head) was written as \(again)") }
}

private func checkStatus(_ bytes: ByteBuffer) throws {
    guard let error = try? RPCError.decode(bytes) else { return }
    let header = error.statusHeader()
    guard header.count <= Limits.headerBytesMax else {
        throw PropertyFailure("a status of \(header.count) bytes")
    }
    let again = try RPCError.decode(ByteBuffer(bytes: header))
    guard again == error || bytes.readableBytes > Limits.headerBytesMax / 2 else {
        throw PropertyFailure("\(error) was written as \(String(describing: again))")
    }
}

private func checkHello(_ bytes: ByteBuffer) throws {
    guard let hello = try? Announcement(decoding: bytes) else { return }
    let header = ByteBuffer(bytes: hello.helloHeader())
    let again = try Announcement(decoding: header)
    guard again == hello else { throw PropertyFailure("\(hello) was written as \(again)") }
}
