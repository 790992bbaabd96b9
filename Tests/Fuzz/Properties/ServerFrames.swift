import NIOCore

@testable import RPC

/// A server's connection beside the naive model: frames, handlers and time as an input chooses.
struct ServerFrames {
    private var choices: Choices
    private var model = NaiveServer()
    private var state: ServerConnectionState
    private var input: FrameInput
    private var nextID: UInt32 = 1
    private var resets = 0
    private let beginsWithHello: Bool

    private static let start = NIODeadline.uptimeNanoseconds(1 << 50)
    private var now = start

    init(_ bytes: UnsafeRawBufferPointer) {
        choices = Choices(bytes)
        let own = Announcement(
            messageBytes: NaiveServer.messageBytesMax,
            streams: NaiveServer.streamsMax,
            windowBytes: NaiveServer.window
        )
        state = ServerConnectionState(methods: testMethods, own: own, now: now)
        input = FrameInput(payloadBytesMax: own.messageBytes)
        // Most inputs begin with HELLO, so that they get somewhere.
        beginsWithHello = choices.byte() < 0xf0
    }

    mutating func run() throws {
        if beginsWithHello { try receive(.hello) }
        while !choices.isEmpty {
            let choice = choices.byte()
            switch choice & 15 {
            case 0..<9: try receive(ChosenFrame(&choices, nextID: nextID))
            case 9: try returned()
            case 10, 11: try take()
            case 12: try send()
            case 13, 14: try pass()
            default: if choice >= 0xe0 { drain() }
            }
            try compare()
        }
    }

    private mutating func receive(_ frame: ChosenFrame) throws {
        // So few are no flood, whatever time they take.
        if frame.type == FrameType.reset.rawValue {
            resets += 1
            guard resets < 150 else { return }
        }
        if frame.type == FrameType.request.rawValue, frame.stream >= nextID,
            !frame.stream.isMultiple(of: 2), frame.stream < 1 << 31
        {
            nextID = frame.stream + 2
        }
        let expected = model.receive(frame)
        state.keepalive.read(at: now)
        input.append(frame.bytes, allocator: ByteBufferAllocator())
        var verdicts: [Verdict] = []
        while let event = input.next() {
            verdicts.append(verdict(state.receive(event, readAt: now, now: now)))
        }
        verdicts.removeAll { $0 == .nothing }
        guard verdicts == [expected].filter({ $0 != .nothing }) else {
            throw PropertyFailure("\(frame): \(verdicts), not \(expected)")
        }
    }

    private func verdict(_ action: ServerAction) -> Verdict {
        switch action {
        case .none: .nothing
        case .hello: .hello
        case .start(_, let call): .start(call.stream)
        case .message(let slot, let payload, let isLast):
            .message(state.streams[slot].id, bytes: payload?.readableBytes, isLast: isLast)
        case .credit(let slot): .credit(state.streams[slot].id)
        case .cancel(_, let id, let error, let tellPeer):
            .cancel(id, error.code.rawValue, tellPeer: tellPeer)
        case .reset(let id, let error): .reset(id, error.code.rawValue)
        case .answer(let id, let error): .answer(id, error.code.rawValue)
        case .pong: .pong
        case .drained: .drained
        case .goAway(let error): .goAway(error.code.rawValue)
        case .close: .close
        case .peerLeft: .left
        }
    }

    /// A stream that has a handler, and its slot.
    private mutating func chosenStream() throws -> (id: UInt32, slot: Int)? {
        let ids = model.streams.keys.sorted()
        guard !ids.isEmpty else { return nil }
        let id = ids[choices.below(ids.count)]
        guard let slot = state.streams.used.first(where: { state.streams[$0].id == id }) else {
            throw PropertyFailure("stream \(id) has no slot")
        }
        return (id, slot)
    }

    /// A handler answers, if anybody hears it, and returns.
    private mutating func returned() throws {
        guard let (id, slot) = try chosenStream() else { return }
        state.close(slot)
        state.release(slot)
        model.streams[id] = nil
    }

    private mutating func take() throws {
        guard let (id, slot) = try chosenStream(), let bytes = model.streams[id]?.unread.first
        else { return }
        let expected = model.take(id)
        let credit = state.consumed(slot, bytes: bytes)
        guard credit == expected else {
            throw PropertyFailure("credit of \(credit) for stream \(id), not \(expected)")
        }
    }

    private mutating func send() throws {
        guard let (id, slot) = try chosenStream(), let stream = model.streams[id], stream.isOpen
        else { return }
        guard state.canSend(slot) == (stream.toSend > 0) else {
            throw PropertyFailure("may send on stream \(id) with credit \(stream.toSend)")
        }
        guard stream.toSend > 0 else { return }
        let bytes = choices.below(100_000)
        state.sent(slot, bytes: bytes)
        model.streams[id]?.toSend -= bytes
    }

    private mutating func pass() throws {
        let milliseconds = choices.below(choices.byte() < 128 ? 100 : 8_000)
        now = now + .milliseconds(Int64(milliseconds))
        let expected = model.pass(milliseconds)
        let isDue = state.wake <= now
        let verdicts = state.tick(now).map { due -> Verdict in
            switch due {
            case .ping: .ping
            case .expire(let slot): .expire(state.streams[slot].id)
            case .goAway(let error): .goAway(error.code.rawValue)
            case .close: .close
            }
        }
        let sorted = verdicts.sorted { "\($0)" > "\($1)" }
        guard sorted == expected.sorted(by: { "\($0)" > "\($1)" }) else {
            throw PropertyFailure("after \(milliseconds) ms \(verdicts), not \(expected)")
        }
        guard isDue || expected.isEmpty else {
            throw PropertyFailure("nobody woke for \(expected)")
        }
        for case .expire(let id) in expected {
            // The driver answers DEADLINE_EXCEEDED.
            model.streams[id]?.isOpen = false
            guard let slot = state.streams.slot(of: id) else { continue }
            state.close(slot)
        }
    }

    private mutating func drain() {
        let limit = choices.below(20_000)
        model.drain(limit: limit)
        _ = state.beginDrain(now: now, limit: now + .milliseconds(Int64(limit)))
    }

    private func compare() throws {
        guard state.streams.count == model.streams.count else {
            throw PropertyFailure("\(state.streams.count) slots, not \(model.streams.count)")
        }
        let open = model.streams.filter(\.value.isOpen)
        guard state.streams.openCount == open.count else {
            throw PropertyFailure("\(state.streams.openCount) open, not \(open.count)")
        }
        for (id, stream) in open {
            guard let slot = state.streams.slot(of: id) else {
                throw PropertyFailure("stream \(id) is not found")
            }
            let credits = state.streams[slot].credits
            guard credits.toSend == stream.toSend, credits.toReceive == stream.toReceive,
                state.streams[slot].unread == stream.unread.count
            else { throw PropertyFailure("stream \(id): \(credits), not \(stream)") }
        }
    }
}

extension ChosenFrame {
    /// The HELLO that most conversations begin with.
    static let hello = ChosenFrame(
        type: FrameType.hello.rawValue,
        flags: 0,
        stream: 0,
        header: .hello(magic: Announcement.magic, version: 1, window: 0, streams: 0),
        payload: []
    )

    private init(type: UInt8, flags: UInt8, stream: UInt32, header: Header, payload: [UInt8]) {
        self.type = type
        self.flags = flags
        self.stream = stream
        self.header = header
        self.payload = payload
    }
}

/// One method of each kind, and a stream without a time limit.
let testMethods = MethodTable([
    .unary(method("Unary", .unary)) { request, _ in request },
    .serverStream(method("Server", .serverStream)) { _, _, _ in },
    .serverStream(method("Endless", .serverStream, timeout: nil)) { _, _, _ in },
    .clientStream(method("Client", .clientStream)) { _, _ in EchoMessage() },
    .bidirectional(method("Bidi", .bidirectional)) { _, _, _ in },
])

private func method(
    _ name: String,
    _ kind: CallKind,
    timeout: Duration? = .seconds(10)
) -> Method<EchoMessage, EchoMessage> {
    Method(
        service: "t",
        name: name,
        kind: kind,
        roles: [],
        peers: [],
        isIdempotent: false,
        timeout: timeout
    )
}
