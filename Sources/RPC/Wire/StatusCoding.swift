import NIOCore

extension RPCError {
    /// The error in the header of RESPONSE, RESET or GOAWAY; `nil` for OK.
    ///
    /// - Throws: `DecodingFault` if the bytes are no `Status`.
    static func decode(
        _ header: ByteBuffer,
        isNotProcessed: Bool = false
    ) throws(DecodingFault) -> RPCError? {
        guard header.readableBytes > 0 else { return nil }
        let status = try WireStatus(decoding: header)
        guard status.code != 0 else { return nil }
        var metadata = Metadata()
        for pair in status.metadata { metadata.add(pair.key, bytes: pair.value) }
        return RPCError(
            Code(rawValue: status.code) ?? .unknown,
            status.message,
            details: status.details.map { Detail(type: $0.type, value: $0.value) },
            retryAfter: status.retryAfterUs == 0
                ? nil
                : .microseconds(Int64(clamping: min(status.retryAfterUs, 1 << 50))),
            isNotProcessed: isNotProcessed,
            metadata: metadata
        )
    }

    /// The header of RESPONSE, RESET or GOAWAY.
    ///
    /// What does not fit or cannot be written is left out, details and metadata first, so that an
    /// error always gets across.
    func statusHeader() -> [UInt8] {
        if let bytes = try? status().serializedBytes(), bytes.count <= Limits.headerBytesMax {
            return bytes
        }
        var bare = WireStatus()
        bare.code = code.rawValue
        bare.message = String(
            message.unicodeScalars.filter { $0 != "\0" }.prefix(1000).map(Character.init)
        )
        // Text without NUL always encodes; the fallback is the code alone.
        return (try? bare.serializedBytes()) ?? [0x08, UInt8(code.rawValue)]
    }

    private func status() -> WireStatus {
        var status = WireStatus()
        status.code = code.rawValue
        status.message = message
        status.details = details.map { detail in
            var wire = WireDetail()
            wire.type = detail.type
            wire.value = detail.value
            return wire
        }
        status.retryAfterUs = retryAfter?.microseconds ?? 0
        status.metadata = metadata.pairs.map { pair in
            var wire = WireMetadata()
            wire.key = pair.key
            wire.value = pair.value
            return wire
        }
        return status
    }
}

/// What a side announces in HELLO.
struct Announcement: Equatable {
    var messageBytes = Limits.messageBytesDefault
    var streams = Limits.streamsDefault
    var windowBytes = Limits.windowBytesDefault
    var instance = ""

    /// The version that this code speaks.
    static let version: UInt32 = 1
    /// The letters PASS.
    static let magic: UInt32 = 0x5041_5353

    /// Why a HELLO is refused.
    enum Refusal: Error, Equatable {
        case undecodable
        case magic
        case version(UInt32)
    }

    /// Reads the peer's HELLO; 0 stands for a default.
    init(decoding header: ByteBuffer) throws(Refusal) {
        guard let hello = try? WireHello(decoding: header) else { throw .undecodable }
        guard hello.magic == Self.magic else { throw .magic }
        guard hello.version == Self.version else { throw .version(hello.version) }
        if hello.maxMessageBytes > 0 {
            messageBytes = min(Int(hello.maxMessageBytes), Limits.messageBytesMax)
        }
        if hello.maxStreams > 0 { streams = Int(hello.maxStreams) }
        if hello.streamWindowBytes > 0 {
            windowBytes = min(Int(hello.streamWindowBytes), Limits.creditBytesMax)
        }
        instance = hello.instance
    }

    /// What a side announces; the defaults are the least allowed, but for a server's streams.
    init(
        messageBytes: Int = Limits.messageBytesDefault,
        streams: Int = Limits.streamsDefault,
        windowBytes: Int = Limits.windowBytesDefault,
        instance: String = ""
    ) {
        self.messageBytes = messageBytes
        self.streams = streams
        self.windowBytes = windowBytes
        self.instance = instance
    }

    /// The header of HELLO.
    func helloHeader() -> [UInt8] {
        var hello = WireHello()
        hello.magic = Self.magic
        hello.version = Self.version
        hello.maxMessageBytes = UInt32(messageBytes)
        hello.maxStreams = UInt32(streams)
        hello.streamWindowBytes = UInt32(windowBytes)
        hello.instance = instance
        if let bytes = try? hello.serializedBytes() { return bytes }
        // Only a name with NUL does not encode, and the name is for logs alone.
        hello.instance = ""
        return (try? hello.serializedBytes()) ?? []
    }
}

extension Duration {
    /// Whole microseconds, cut to what fits.
    var microseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (micro, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000)
        return overflow ? .max : micro &+ UInt64(attoseconds / 1_000_000_000_000)
    }
}
