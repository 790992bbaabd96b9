import NIOCore

@testable import RPC

/// A client's connection: frames, callers and time as an input chooses.
struct ClientFrames {
    private struct Call {
        let slot: Int
        let isStream: Bool
        var unread: [Int] = []
    }

    private var choices: Choices
    private var state: ClientConnectionState
    private var input: FrameInput
    private var calls: [UInt32: Call] = [:]
    private var now = NIODeadline.uptimeNanoseconds(1 << 50)

    init(_ bytes: UnsafeRawBufferPointer) {
        choices = Choices(bytes)
        let own = Announcement(messageBytes: 1_000, windowBytes: 2_000)
        state = ClientConnectionState(own: own, now: now)
        input = FrameInput(payloadBytesMax: own.messageBytes)
    }

    mutating func run() throws {
        if choices.byte() < 0xf0 { try receive(.hello) }
        while !choices.isEmpty {
            switch choices.byte() & 15 {
            case 0..<8: try receive(ChosenFrame(&choices, nextID: state.nextID))
            case 8..<11: try open()
            case 11: take()
            case 12: send()
            case 13: giveUp()
            case 14: state.flushed()
            default: try pass()
            }
            guard state.streams.count == calls.count, state.streams.openCount == calls.count else {
                throw PropertyFailure("\(state.streams.count) streams, not \(calls.count)")
            }
        }
    }

    private mutating func open() throws {
        guard state.canOpen else { return }
        let kind: CallKind = choices.byte() & 1 == 0 ? .unary : .bidirectional
        let deadline = now + .milliseconds(Int64(choices.below(10_000)))
        let (slot, id) = state.open(
            kind,
            deadline: deadline,
            isRequestEnded: kind == .unary,
            now: now
        )
        guard calls[id] == nil, state.isUnwritten(slot) else {
            throw PropertyFailure("stream \(id) opened twice, or written before it was")
        }
        calls[id] = Call(slot: slot, isStream: kind.serverStreams)
    }

    private mutating func receive(_ frame: ChosenFrame) throws {
        // A server's REQUEST is a fault like any other; its answers are what matters here.
        var frame = frame
        if frame.type == FrameType.request.rawValue, frame.flags & FrameFlags.end.rawValue != 0 {
            frame.type = FrameType.response.rawValue
            frame.flags &= FrameFlags.message.rawValue
        }
        state.keepalive.read(at: now)
        input.append(frame.bytes, allocator: ByteBufferAllocator())
        let wasEnded = state.phase == .ended
        while let event = input.next() {
            let action = state.receive(event, now: now)
            if wasEnded {
                guard case .none = action else {
                    throw PropertyFailure("\(action) after the connection's end")
                }
            }
            try perform(action)
        }
    }

    private mutating func perform(_ action: ClientAction) throws {
        switch action {
        case .none, .hello, .pong, .drain: break
        case .message(let slot, let payload):
            let id = try id(slot)
            guard calls[id]?.isStream == true else {
                throw PropertyFailure("a unary call got a message")
            }
            calls[id]?.unread.append(payload.readableBytes)
        case .ended(let slot, let error, let payload):
            guard error == nil || payload == nil else {
                throw PropertyFailure("an error with a message")
            }
            try ended(slot)
        case .fault(let slot, let id, _):
            guard calls[id]?.slot == slot else {
                throw PropertyFailure("a fault of another stream")
            }
            try ended(slot)
        case .credit(let slot): _ = try id(slot)
        case .goAway, .close, .peerLeft:
            guard state.phase == .ended, !state.canOpen else {
                throw PropertyFailure("\(action), and it goes on")
            }
        }
    }

    private func id(_ slot: Int) throws -> UInt32 {
        guard let id = calls.first(where: { $0.value.slot == slot })?.key else {
            throw PropertyFailure("slot \(slot) has no call")
        }
        return id
    }

    private mutating func ended(_ slot: Int) throws {
        guard let id = calls.first(where: { $0.value.slot == slot })?.key else {
            throw PropertyFailure("slot \(slot) ended twice")
        }
        calls[id] = nil
    }

    private mutating func chosen() -> UInt32? {
        let ids = calls.keys.sorted()
        return ids.isEmpty ? nil : ids[choices.below(ids.count)]
    }

    private mutating func take() {
        guard let id = chosen(), let call = calls[id], let bytes = call.unread.first else { return }
        calls[id]?.unread.removeFirst()
        _ = state.consumed(call.slot, bytes: bytes)
    }

    private mutating func send() {
        guard let id = chosen(), let call = calls[id], state.canSend(call.slot) else { return }
        state.sent(call.slot, bytes: choices.below(100_000))
    }

    private mutating func giveUp() {
        guard let id = chosen(), let call = calls[id] else { return }
        state.close(call.slot)
        calls[id] = nil
    }

    private mutating func pass() throws {
        now = now + .milliseconds(Int64(choices.below(8_000)))
        for due in state.tick(now) {
            switch due {
            case .ping: break
            case .expire(let slot):
                try ended(slot)
                state.close(slot)
            case .close:
                guard state.phase == .ended else { throw PropertyFailure("closes and goes on") }
            }
        }
    }
}
