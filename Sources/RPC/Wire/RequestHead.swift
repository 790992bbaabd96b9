import NIOCore

/// The header of REQUEST.
///
/// It is on the way of every call, so it has a codec of its own that makes no text of the path: the
/// method table finds a method by the path's bytes. Shape and numbers are those of
/// `pass.rpc.v1.RequestHeader`.
struct RequestHead: Equatable {
    /// The header that this was read from.
    private(set) var header = ByteBuffer()
    /// Where the path lies among the header's readable bytes: UTF-8 without NUL.
    private(set) var pathRange = 0..<0
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
    init(decoding header: ByteBuffer) throws(DecodingFault) {
        self.header = header
        // The closure that lends memory would lose the type of what is thrown through it.
        let fault = header.withUnsafeReadableBytes { raw -> DecodingFault? in
            do throws(DecodingFault) {
                try decode(raw)
                return nil
            } catch {
                return error
            }
        }
        if let fault { throw fault }
    }

    /// The path's bytes.
    var path: ByteBuffer {
        header.getSlice(at: header.readerIndex + pathRange.lowerBound, length: pathRange.count)
            ?? ByteBuffer()
    }

    /// What the metadata takes up in memory, if the header is longer than most.
    var uncommonBytes: Int {
        guard header.readableBytes > Limits.headerBytesCommon else { return 0 }
        return header.readableBytes + metadata.pairs.count * Limits.pairOverheadBytes
    }

    private mutating func decode(_ raw: UnsafeRawBufferPointer) throws(DecodingFault) {
        var reader = WireReader(raw)
        while let field = try reader.nextField() {
            switch (field.number, field.type) {
            case (1, .bytes):
                pathRange = try reader.bytes()
                guard isText(UnsafeRawBufferPointer(rebasing: raw[pathRange])) else {
                    throw DecodingFault(field: "path", mend: "must be UTF-8 without NUL")
                }
            case (2, .varint): timeoutMicroseconds = try reader.varint()
            case (3, .bytes):
                let trace = try reader.bytes()
                // As W3C asks: a trace context of another shape is as good as none.
                traceContext = trace.count == 25 ? Array(raw[trace]) : []
            case (4, .varint): attempt = UInt32(truncatingIfNeeded: try reader.varint())
            case (5, .bytes):
                let pair = try reader.bytes()
                try addPair(UnsafeRawBufferPointer(rebasing: raw[pair]))
            case (1...5, _): throw DecodingFault(mend: "does not decode as a RequestHeader")
            case (_, let type): try reader.skip(type)
            }
        }
    }

    private mutating func addPair(_ raw: UnsafeRawBufferPointer) throws(DecodingFault) {
        var reader = WireReader(raw)
        var key = ""
        var value: [UInt8] = []
        while let field = try reader.nextField() {
            switch (field.number, field.type) {
            case (1, .bytes): key = String(decoding: raw[try reader.bytes()], as: UTF8.self)
            case (2, .bytes): value = Array(raw[try reader.bytes()])
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

/// Whether `raw` is UTF-8 without NUL.
private func isText(_ raw: UnsafeRawBufferPointer) -> Bool {
    // Paths are ASCII; only others need the full check.
    if isASCIIWithoutNUL(raw) { return true }
    return String(validating: raw, as: UTF8.self) != nil && !raw.contains(0)
}

/// Looks at eight bytes at once: this is on the way of every call.
private func isASCIIWithoutNUL(_ raw: UnsafeRawBufferPointer) -> Bool {
    let lows: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    var index = 0
    while index + 8 <= raw.count {
        let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        // With all high bits clear, taking one from each byte sets a high bit where a byte was 0.
        guard word & highs == 0, (word &- lows) & highs == 0 else { return false }
        index += 8
    }
    return raw[index...].allSatisfy { $0 > 0 && $0 < 0x80 }
}

/// Walks over the fields of a serialised message in memory that outlives it.
struct WireReader {
    enum FieldType: UInt8 {
        case varint = 0
        case fixed64 = 1
        case bytes = 2
        case fixed32 = 5
    }

    private let raw: UnsafeRawBufferPointer
    private var index = 0

    init(_ raw: UnsafeRawBufferPointer) {
        self.raw = raw
    }

    /// The next field's number and type, or `nil` at the end.
    mutating func nextField() throws(DecodingFault) -> (number: UInt64, type: FieldType)? {
        guard index < raw.count else { return nil }
        let tag = try varint()
        guard tag >> 3 > 0, tag >> 3 < 1 << 29, let type = FieldType(rawValue: UInt8(tag & 7))
        else { throw Self.fault }
        return (tag >> 3, type)
    }

    mutating func varint() throws(DecodingFault) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard index < raw.count else { throw Self.fault }
            let byte = raw[index]
            index += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        throw Self.fault
    }

    /// Where the field's bytes lie.
    mutating func bytes() throws(DecodingFault) -> Range<Int> {
        let count = try varint()
        guard count <= UInt64(raw.count - index) else { throw Self.fault }
        return try take(Int(count))
    }

    mutating func skip(_ type: FieldType) throws(DecodingFault) {
        switch type {
        case .varint: _ = try varint()
        case .bytes: _ = try bytes()
        case .fixed32: _ = try take(4)
        case .fixed64: _ = try take(8)
        }
    }

    private mutating func take(_ count: Int) throws(DecodingFault) -> Range<Int> {
        guard count <= raw.count - index else { throw Self.fault }
        defer { index += count }
        return index..<(index + count)
    }

    private static var fault: DecodingFault { DecodingFault(mend: "does not decode") }
}
