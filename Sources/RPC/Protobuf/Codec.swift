import CProtobufC
public import NIOCore

/// Runs protobuf-c on behalf of messages.
@usableFromInline
enum Codec {
    /// Decodes `bytes` in an arena and lends the struct to `body`, which copies it.
    @usableFromInline
    static func decode(
        _ bytes: UnsafeRawBufferPointer,
        _ descriptor: MessageDescriptor,
        _ body: (MessageReader) throws(DecodingFault) -> Void
    ) throws(DecodingFault) {
        let budget = Arena.budget(decoding: bytes.count)
        try Arena.withArena(budget: budget) { arena throws(DecodingFault) in
            var allocator = ProtobufCAllocator(arena)
            let message = protobuf_c_message_unpack(
                descriptor.pointer,
                &allocator,
                bytes.count,
                bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            )
            guard let message else {
                throw DecodingFault(
                    mend: arena.pointee.isExhausted
                        ? "needs more memory to decode than its size allows"
                        : "does not decode as \(descriptor.fullName)"
                )
            }
            // Safety: the struct lives in the arena until this closure returns; the reader copies.
            try body(MessageReader(message))
        }
    }

    /// Serialises what `fill` writes into a struct.
    @usableFromInline
    static func bytes(
        _ descriptor: MessageDescriptor,
        _ fill: (MessageWriter) throws(EncodingFault) -> Void
    ) throws(EncodingFault) -> [UInt8] {
        var bytes: [UInt8] = []
        try withStruct(descriptor, fill) { message, count in
            bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                // `baseAddress` is nil only for no bytes at all; then there is nothing to pack.
                if let start = buffer.baseAddress, count > 0 {
                    filled = protobuf_c_message_pack(message, start)
                }
            }
        }
        return bytes
    }

    /// Serialises what `fill` writes into a struct, straight into `buffer`.
    @usableFromInline
    static func encode(
        _ descriptor: MessageDescriptor,
        into buffer: inout ByteBuffer,
        _ fill: (MessageWriter) throws(EncodingFault) -> Void
    ) throws(EncodingFault) -> Int {
        var written = 0
        try withStruct(descriptor, fill) { message, count in
            guard count > 0 else { return }
            written = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { raw in
                // Safety: at least `count` bytes are writable, and packing writes exactly `count`.
                guard let start = raw.baseAddress else { return 0 }
                return protobuf_c_message_pack(message, start.assumingMemoryBound(to: UInt8.self))
            }
        }
        return written
    }

    /// Builds a struct in an arena and lends it to `body` together with its packed size.
    @inline(__always)
    private static func withStruct(
        _ descriptor: MessageDescriptor,
        _ fill: (MessageWriter) throws(EncodingFault) -> Void,
        _ body: (UnsafePointer<ProtobufCMessage>, Int) -> Void
    ) throws(EncodingFault) {
        // The values are in memory already, so their copies need no bound.
        try Arena.withArena(budget: Int.max) { arena throws(EncodingFault) in
            let writer = try MessageWriter(descriptor.pointer, arena)
            try fill(writer)
            body(writer.message, protobuf_c_message_get_packed_size(writer.message))
        }
    }
}
