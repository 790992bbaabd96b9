import NIOCore

/// The header of REQUEST.
///
/// It is on the way of every call, so it has a codec of its own that makes no text of the path: the
/// method table finds a method by the path's bytes. Shape and numbers are those of
/// `pass.rpc.v1.RequestHeader`.
struct RequestHead: Equatable {
    /// The path's bytes, UTF-8 without NUL.
    var path = ByteBuffer()
    /// Time left when the frame was written; 0: the server's own limit.
    var timeoutMicroseconds: UInt64 = 0
    /// 25 bytes of W3C trace context, or none.
    var traceContext: [UInt8] = []
    var attempt: UInt32 = 0
    var metadata = Metadata()
}

extension RequestHead {
    /// Decodes a header.
    ///
    /// - Throws: `DecodingFault` if the bytes are no `RequestHeader`, the path is not UTF-8 or holds
    ///   NUL, or a metadata key is not `[a-z0-9_.-]{1,64}`.
    init(decoding bytes: ByteBuffer) throws(DecodingFault) {
        self.init()
        var reader = WireReader(bytes)
        while let field = try reader.nextField() {
            switch (field.number, field.type) {
            case (1, .bytes):
                path = try reader.bytes()
                guard isText(path.readableBytesView) else {
                    throw DecodingFault(field: "path", mend: "must be UTF-8 without NUL")
                }
            case (2, .varint): timeoutMicroseconds = try reader.varint()
            case (3, .bytes):
                let trace = try reader.bytes()
                // As W3C asks: a trace context of another shape is as good as none.
                traceContext = trace.readableBytes == 25 ? Array(trace.readableBytesView) : []
            case (4, .varint): attempt = UInt32(truncatingIfNeeded: try reader.varint())
            case (5, .bytes): try addPair(try reader.bytes())
            case (1...5, _): throw DecodingFault(mend: "does not decode as a RequestHeader")
            case (_, let type): try reader.skip(type)
            }
        }
    }

    private mutating func addPair(_ bytes: ByteBuffer) throws(DecodingFault) {
        var reader = WireReader(bytes)
        var key = ""
        var value: [UInt8] = []
        while let field = try reader.nextField() {
            switch (field.number, field.type) {
            case (1, .bytes): key = String(buffer: try reader.bytes())
            case (2, .bytes): value = Array(try reader.bytes().readableBytesView)
            case (1...2, _): throw DecodingFault(mend: "does not decode as a Metadata")
            case (_, let type): try reader.skip(type)
            }
        }
        guard Metadata.isKey(key) else {
            throw DecodingFault(field: "metadata", mend: "must have keys of [a-z0-9_.-]{1,64}")
        }
        metadata.add(key, bytes: value)
    }
}

extension ByteBuffer {
    /// Appends the header of REQUEST.
    mutating func writeRequestHead(
        path: String,
        timeoutMicroseconds: UInt64,
        traceContext: [UInt8] = [],
        metadata: Metadata
    ) {
        writeInteger(UInt8(0x0a))
        writeVarint(UInt64(path.utf8.count))
        writeString(path)
        if timeoutMicroseconds > 0 {
            writeInteger(UInt8(0x10))
            writeVarint(timeoutMicroseconds)
        }
        if !traceContext.isEmpty {
            writeInteger(UInt8(0x1a))
            writeVarint(UInt64(traceContext.count))
            writeBytes(traceContext)
        }
        for (key, value) in metadata.pairs {
            let keyBytes = key.utf8.count
            writeInteger(UInt8(0x2a))
            writeVarint(
                UInt64(
                    1 + varintBytes(keyBytes) + keyBytes + 1 + varintBytes(value.count)
                        + value.count
                )
            )
            writeInteger(UInt8(0x0a))
            writeVarint(UInt64(keyBytes))
            writeString(key)
            writeInteger(UInt8(0x12))
            writeVarint(UInt64(value.count))
            writeBytes(value)
        }
    }

    /// Appends a number in protobuf's variable length.
    mutating func writeVarint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            writeInteger(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        writeInteger(UInt8(value))
    }
}

/// How many bytes `writeVarint` writes.
func varintBytes(_ value: Int) -> Int {
    max(1, (64 - UInt64(value).leadingZeroBitCount + 6) / 7)
}

/// Whether `bytes` are UTF-8 without NUL.
private func isText(_ bytes: ByteBufferView) -> Bool {
    bytes.withUnsafeBytes { raw in
        // Paths are ASCII; only others need the full check.
        if raw.allSatisfy({ $0 > 0 && $0 < 0x80 }) { return true }
        return String(validating: raw, as: UTF8.self) != nil && !raw.contains(0)
    }
}

/// Walks over the fields of a serialised message.
struct WireReader {
    enum FieldType: UInt8 {
        case varint = 0
        case fixed64 = 1
        case bytes = 2
        case fixed32 = 5
    }

    private var buffer: ByteBuffer

    init(_ buffer: ByteBuffer) {
        self.buffer = buffer
    }

    /// The next field's number and type, or `nil` at the end.
    mutating func nextField() throws(DecodingFault) -> (number: UInt64, type: FieldType)? {
        guard buffer.readableBytes > 0 else { return nil }
        let tag = try varint()
        guard tag >> 3 > 0, tag >> 3 < 1 << 29, let type = FieldType(rawValue: UInt8(tag & 7))
        else { throw Self.fault }
        return (tag >> 3, type)
    }

    mutating func varint() throws(DecodingFault) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = buffer.readInteger(as: UInt8.self) else { throw Self.fault }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        throw Self.fault
    }

    mutating func bytes() throws(DecodingFault) -> ByteBuffer {
        let count = try varint()
        guard count <= UInt64(buffer.readableBytes),
            let slice = buffer.readSlice(length: Int(count))
        else { throw Self.fault }
        return slice
    }

    mutating func skip(_ type: FieldType) throws(DecodingFault) {
        switch type {
        case .varint: _ = try varint()
        case .bytes: _ = try bytes()
        case .fixed32: guard buffer.readSlice(length: 4) != nil else { throw Self.fault }
        case .fixed64: guard buffer.readSlice(length: 8) != nil else { throw Self.fault }
        }
    }

    private static let fault = DecodingFault(mend: "does not decode")
}
