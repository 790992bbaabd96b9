@testable import RPC

/// What a server does about a frame or about time, as both the model and the machine put it.
enum Verdict: Equatable {
    case nothing
    case hello
    case start(UInt32)
    case message(UInt32, bytes: Int?, isLast: Bool)
    case credit(UInt32)
    case cancel(UInt32, UInt32, tellPeer: Bool)
    case reset(UInt32, UInt32)
    case answer(UInt32, UInt32)
    case pong
    case drained
    case goAway(UInt32)
    case close
    case left
    case ping
    case expire(UInt32)
}

/// A server's connection as `proto/PROTOCOL.md` tells it, one sentence after the other.
///
/// Times are in milliseconds.
struct NaiveServer {
    struct Stream {
        var isOpen = true
        var isEnded: Bool
        let deadline: Int
        var toSend: Int
        var toReceive: Int
        var consumed = 0
        /// The sizes of the messages that the handler has not taken.
        var unread: [Int] = []
    }

    enum Phase {
        case awaitingHello
        case open
        case draining
        case drained
        case ended
    }

    static let messageBytesMax = 1_000
    static let streamsMax = 4
    static let window = 2_000

    var phase = Phase.awaitingHello
    var now = 0
    /// What has a handler, open or not.
    var streams: [UInt32: Stream] = [:]
    private var highest: UInt32 = 0
    private var peerWindow = 256 * 1024
    private var ackUntil = Int.max
    private var drainLimit = Int.max
    private var lastRead = 0
    private var askedAt: Int?
    private var lastPing: Int?
    private var idlePings = 0

    private var hasOpenStreams: Bool { streams.values.contains { $0.isOpen } }

    private mutating func fault(_ code: UInt32 = 13) -> Verdict {
        phase = .ended
        return .goAway(code)
    }

    private mutating func close() -> Verdict {
        phase = .ended
        return .close
    }

    /// Section 9, row by row.
    mutating func receive(_ frame: ChosenFrame) -> Verdict {
        guard phase != .ended else { return .nothing }
        lastRead = now
        askedAt = nil
        guard let type = FrameType(rawValue: frame.type) else { return fault() }
        let (isForStream, flags, size) = rules(type)
        guard frame.flags & ~flags == 0, isForStream == (frame.stream > 0),
            size == nil || size == frame.payload.count
        else { return fault() }
        let isTooLarge = frame.payload.count > Self.messageBytesMax
        if phase == .awaitingHello {
            return type == .hello && !isTooLarge ? greet(frame) : close()
        }
        switch type {
        case .hello, .response: return fault()
        case .request: return request(frame, isTooLarge)
        case .message, .credit, .reset: return onStream(frame, type, isTooLarge)
        case .ping: return ping(frame)
        case .drain:
            guard !frame.hasHeader, frame.flags == FrameFlags.ack.rawValue else { return fault() }
            guard phase == .draining else { return .nothing }
            phase = .drained
            return .drained
        case .goAway:
            guard frame.header != .garbage else { return fault() }
            phase = .ended
            return .left
        }
    }

    private mutating func greet(_ frame: ChosenFrame) -> Verdict {
        switch frame.header {
        case .hello(let magic, let version, let window, _):
            guard magic == 0x5041_5353 else { return close() }
            guard version == 1 else { return fault(9) }
            if window > 0 { peerWindow = window }
            phase = .open
            return .hello
        case .garbage: return fault()
        default: return close()
        }
    }

    private mutating func request(_ frame: ChosenFrame, _ isTooLarge: Bool) -> Verdict {
        let id = frame.stream
        guard !id.isMultiple(of: 2), id > highest, id < 1 << 31 else { return fault() }
        highest = id
        if isTooLarge { return .reset(id, 8) }
        guard phase != .drained, streams.count < Self.streamsMax else { return .reset(id, 14) }
        guard case .request(let path, let timeout) = frame.header else { return .reset(id, 3) }
        let hasMessage = frame.flags & FrameFlags.message.rawValue != 0
        let isEnded = frame.flags & FrameFlags.end.rawValue != 0
        guard hasMessage || frame.payload.isEmpty else { return .reset(id, 13) }
        guard !["t/Nope", "u/Unary"].contains(path) else { return .answer(id, 12) }
        guard hasMessage && isEnded || ["t/Client", "t/Bidi"].contains(path) else {
            return .reset(id, 13)
        }
        if !hasOpenStreams { lastRead = now }
        idlePings = 0
        let own = path == "t/Endless" ? Int.max : now + 10_000
        streams[id] = Stream(
            isEnded: isEnded,
            deadline: timeout > 0 ? now + Int(timeout) / 1_000 : own,
            toSend: peerWindow,
            toReceive: Self.window
        )
        return .start(id)
    }

    private mutating func onStream(
        _ frame: ChosenFrame,
        _ type: FrameType,
        _ isTooLarge: Bool
    ) -> Verdict {
        let id = frame.stream
        guard var stream = streams[id], stream.isOpen else {
            return !id.isMultiple(of: 2) && id <= highest ? .nothing : fault()
        }
        let verdict = judge(frame, type, isTooLarge, &stream)
        if case .cancel = verdict { stream.isOpen = false }
        streams[id] = stream
        return verdict
    }

    private func judge(
        _ frame: ChosenFrame,
        _ type: FrameType,
        _ isTooLarge: Bool,
        _ stream: inout Stream
    ) -> Verdict {
        let id = frame.stream
        if isTooLarge { return .cancel(id, 8, tellPeer: true) }
        if type == .reset {
            switch frame.header {
            case .garbage: return .cancel(id, 3, tellPeer: true)
            case .status(let code) where code > 0:
                return .cancel(id, code > 16 ? 2 : code, tellPeer: false)
            default: return .cancel(id, 1, tellPeer: false)
            }
        }
        if frame.hasHeader { return .cancel(id, 3, tellPeer: true) }
        if type == .credit {
            let bytes = frame.payload.reduce(0) { $0 << 8 | Int($1) }
            guard bytes > 0, stream.toSend + bytes < 1 << 31 else {
                return .cancel(id, 13, tellPeer: true)
            }
            stream.toSend += bytes
            return .credit(id)
        }
        let hasMessage = frame.flags & FrameFlags.message.rawValue != 0
        let isLast = frame.flags & FrameFlags.end.rawValue != 0
        guard hasMessage || isLast && frame.payload.isEmpty, !stream.isEnded else {
            return .cancel(id, 13, tellPeer: true)
        }
        if hasMessage {
            guard stream.toReceive > 0 else { return .cancel(id, 8, tellPeer: true) }
            stream.toReceive -= frame.payload.count
            stream.unread.append(frame.payload.count)
        }
        stream.isEnded = isLast
        return .message(id, bytes: hasMessage ? frame.payload.count : nil, isLast: isLast)
    }

    private mutating func ping(_ frame: ChosenFrame) -> Verdict {
        guard !frame.hasHeader else { return fault() }
        guard frame.flags == 0 else { return .nothing }
        let isClose = lastPing.map { now - $0 < 10_000 } ?? false
        lastPing = now
        idlePings = streams.isEmpty ? (isClose ? idlePings + 1 : 1) : 0
        return idlePings > 3 ? fault(8) : .pong
    }

    /// Sections 3, 6 and 8: the times that run out, the connection's first.
    mutating func pass(_ milliseconds: Int) -> [Verdict] {
        now += milliseconds
        switch phase {
        case .ended: return []
        case .awaitingHello where now >= 5_000: return [close()]
        case .draining where now >= ackUntil: return [fault(14)]
        default: break
        }
        if now >= drainLimit { return [fault(14)] }
        var verdicts: [Verdict] = []
        if hasOpenStreams {
            if let askedAt, now >= askedAt + 5_000 { return [close()] }
            if askedAt == nil, now >= lastRead + 15_000 {
                askedAt = now
                verdicts.append(.ping)
            }
        }
        for (id, stream) in streams.sorted(by: { $0.key < $1.key })
        where stream.isOpen && now >= stream.deadline {
            verdicts.append(.expire(id))
        }
        return verdicts
    }

    /// The server begins to stop.
    mutating func drain(limit: Int) {
        guard phase == .open else { return }
        phase = .draining
        drainLimit = now + limit
        ackUntil = min(now + 5_000, drainLimit)
    }

    /// The handler takes a message.
    ///
    /// - Returns: The credit to give back.
    mutating func take(_ id: UInt32) -> Int {
        guard var stream = streams[id], !stream.unread.isEmpty else { return 0 }
        defer { streams[id] = stream }
        let bytes = stream.unread.removeFirst()
        guard stream.isOpen, !stream.isEnded else { return 0 }
        stream.consumed += bytes
        guard stream.consumed * 2 >= Self.window else { return 0 }
        defer { stream.consumed = 0 }
        stream.toReceive += stream.consumed
        return stream.consumed
    }
}
