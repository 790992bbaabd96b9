/// One thing that a case does, or waits for.
struct Step {
    enum Action {
        /// Send a frame; `inCredit` waits until the server has given credit for it.
        case send(RawFrame, length: UInt32?, headerLength: UInt16?, inCredit: Bool)
        /// Send bytes that need not be frames.
        case bytes([UInt8])
        /// The next frame of the stream is this one.
        case expect(Expectation)
        /// The server gives at least so many bytes of credit back.
        case credit(Int)
        /// The server has read all that was sent, and has nothing to say about the stream.
        case silence
        /// The server closes the connection.
        case closed
        /// The handshake fails.
        case refused
        /// A unary call is answered.
        case call
    }

    /// The streams that a step is done on, one after the other.
    enum Streams {
        case one(UInt32)
        /// The next id that is not in use.
        case new
        /// The highest id in use.
        case last
        /// So many odd ids from `first` on; `nil`: as many as the server allows.
        case several(first: UInt32, count: Int?)
    }

    let action: Action
    let streams: Streams
    let times: Int
    let milliseconds: Int

    init(_ json: JSON) throws {
        var entry = try Entry(json)
        streams = try Self.streams(&entry)
        times = try entry.number("times") ?? 1
        milliseconds = try entry.number("within_ms") ?? Bounds.answerMilliseconds
        action = try Self.action(&entry)
        try entry.finish()
    }

    private static func streams(_ entry: inout Entry) throws -> Streams {
        if let several = entry.take("streams") {
            var range = try Entry(several)
            let first = UInt32(try range.number("from") ?? 1)
            let count = range.take("count")
            try range.finish()
            switch count {
            case .number(let count)?: return .several(first: first, count: Int(clamping: count))
            case .text("max_streams")?: return .several(first: first, count: nil)
            default: throw CaseFault("streams need a count")
            }
        }
        switch entry.take("stream") {
        case nil: return .one(0)
        case .number(let id)?: return .one(UInt32(clamping: id))
        case .text("new")?: return .new
        case .text("last")?: return .last
        case let other?: throw CaseFault("\(other) is no stream")
        }
    }

    private static func action(_ entry: inout Entry) throws -> Action {
        if let type = entry.take("send") { return try send(try FrameName.number(type), &entry) }
        if let bytes = entry.take("bytes") { return .bytes(try [UInt8](bytes)) }
        if let call = entry.take("call") {
            guard call == .bool(true) else { throw CaseFault("call should be true") }
            return .call
        }
        switch entry.take("expect") {
        case .text("silence")?: return .silence
        case .text("closed")?: return .closed
        case .text("refused")?: return .refused
        case .text("CREDIT")?: return .credit(try entry.number("at_least") ?? 1)
        case let type?: return .expect(try Expectation(try FrameName.number(type), &entry))
        case nil: throw CaseFault("a step sends, expects or calls")
        }
    }

    private static func send(_ type: UInt8, _ entry: inout Entry) throws -> Action {
        var frame = RawFrame(type: type)
        frame.flags = try FlagName.number(try entry.list("flags") ?? [])
        if let header = entry.take("header") {
            frame.header =
                if let shape = Shape.header(of: type) {
                    try shape.encode(header)
                } else {
                    try [UInt8](header)
                }
        }
        if let payload = entry.take("payload") { frame.payload = try Shape.echo.encode(payload) }
        if let bytes = try entry.number("credit") {
            frame.payload.append(bigEndian: UInt32(clamping: bytes))
        }
        return .send(
            frame,
            length: try entry.number("length").map { UInt32(clamping: $0) },
            headerLength: try entry.number("header_length").map { UInt16(clamping: $0) },
            inCredit: try entry.flag("in_credit")
        )
    }
}

/// A frame that has to come.
struct Expectation {
    let type: UInt8
    /// `nil`: whichever.
    let flags: UInt8?
    /// Fields of the header; `nil`: it has to be empty.
    let header: JSON?
    /// Fields of the payload, all of them; `nil`: it has to be empty, or bytes as they are.
    let payload: JSON?

    /// RESPONSE with status OK and a message.
    init(response message: JSON) {
        type = FrameName.response
        flags = FlagName.message
        header = nil
        payload = message
    }

    init(_ type: UInt8, _ entry: inout Entry) throws {
        self.type = type
        header = entry.take("header")
        payload = entry.take("payload")
        switch entry.take("flags") {
        case .text("any")?: flags = nil
        case .list(let list)?: flags = try FlagName.number(list)
        case nil: flags = payload == nil ? 0 : FlagName.message
        case let other?: throw CaseFault("\(other) are no flags")
        }
    }

    /// Why `frame` is not the one; `nil` if it is.
    func mismatch(_ frame: RawFrame) throws -> String? {
        guard frame.type == type else { return "came \(frame)" }
        if let flags, frame.flags != flags {
            return "came \(frame); flags should be [\(FlagName.text(flags))]"
        }
        if let header, let shape = Shape.header(of: type) {
            if let fault = try shape.mismatch(
                header,
                try shape.decode(frame.header),
                exactly: false
            ) {
                return "came \(frame): \(fault)"
            }
        } else if let shape = Shape.header(of: type) {
            // OK in full is as good as an empty header.
            guard try shape.decode(frame.header).fields.isEmpty else { return "came \(frame)" }
        } else if !frame.header.isEmpty {
            return "came \(frame) with a header"
        }
        return try payloadMismatch(frame)
    }

    private func payloadMismatch(_ frame: RawFrame) throws -> String? {
        guard let payload else {
            return frame.payload.isEmpty ? nil : "came \(frame), a payload that should be empty"
        }
        if case .object(let values) = payload, values["hex"] != nil {
            return frame.payload == (try [UInt8](payload)) ? nil : "came \(frame.payload)"
        }
        let decoded = try Shape.echo.decode(frame.payload)
        return try Shape.echo.mismatch(payload, decoded, exactly: true)
            .map { "came \(frame): \($0)" }
    }
}
