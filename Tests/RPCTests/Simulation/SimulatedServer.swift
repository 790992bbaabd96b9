import NIOCore

@testable import RPC

/// A server's end: the state machine, and handlers that do what their plans say.
final class SimulatedServer {
    /// A handler at work.
    private struct Handler {
        let call: Int
        let slot: Int
        let id: UInt32
        var steps: ArraySlice<CallPlan.HandlerStep>
        var inbox: [(payload: ByteBuffer, isCounted: Bool)] = []
        var sawEnd = false
        var isInboxEnded: Bool
        /// Nobody hears it any more; it returns when it gets to it.
        var isCancelled = false
        let isEndless: Bool
    }

    private(set) var state: ServerConnectionState
    private let ledger: Ledger
    private var input: FrameInput
    private var writer = FrameWriter(allocator: ByteBufferAllocator())
    private var handlers: [Handler] = []
    private(set) var isClosed = false
    /// Close once all is flushed.
    private var closesAfterFlush = false

    init(_ setting: SimulationSetting, _ ledger: Ledger, now: NIODeadline) {
        self.ledger = ledger
        state = ServerConnectionState(
            methods: SimulationSetting.methods,
            own: setting.server,
            now: now
        )
        input = FrameInput(payloadBytesMax: setting.server.messageBytes)
        state.started(at: now)
        writer.write(.hello, header: setting.server.helloHeader())
    }

    var handlerCount: Int { handlers.count }

    /// What is written leaves.
    func flush(_ wire: inout SimulatedWire) -> Bool {
        guard !isClosed, !writer.isEmpty || closesAfterFlush else { return false }
        wire.write(writer.buffer)
        writer.clear(allocator: ByteBufferAllocator())
        if closesAfterFlush {
            wire.close()
            isClosed = true
        }
        return true
    }

    /// Bytes arrive.
    func arrived(_ bytes: ByteBuffer, now: NIODeadline) throws {
        guard !isClosed, !closesAfterFlush else { return }
        state.keepalive.read(at: now)
        input.append(bytes, allocator: ByteBufferAllocator())
        while !closesAfterFlush, let event = input.next() {
            try perform(state.receive(event, readAt: now, now: now))
        }
    }

    /// The connection is gone.
    func lost() {
        isClosed = true
        state.phase = .ended
        cancelAll()
    }

    /// The connection ends: all handlers hear of it.
    private func cancelAll() {
        for index in handlers.indices { handlers[index].isCancelled = true }
        closesAfterFlush = true
    }

    func beginDrain(now: NIODeadline, limit: NIODeadline) {
        guard !isClosed, !closesAfterFlush else { return }
        if case .awaitingHello = state.phase {
            closesAfterFlush = true
            return
        }
        if state.beginDrain(now: now, limit: limit) { writer.write(.drain) }
    }

    /// Time has passed.
    func tick(_ now: NIODeadline) throws {
        guard !isClosed, !closesAfterFlush, state.wake <= now else { return }
        for due in state.tick(now) {
            switch due {
            case .ping: writer.writePing(7, isAnswer: false)
            case .expire(let slot):
                guard let index = handlers.firstIndex(where: { $0.slot == slot }) else {
                    throw Violation("a stream without handler expired")
                }
                try answer(index, .deadlineExceeded)
            case .goAway(let error):
                writer.write(.goAway, header: error.statusHeader())
                cancelAll()
            case .close:
                writer.clear(allocator: ByteBufferAllocator())
                cancelAll()
            }
        }
    }

    private func perform(_ action: ServerAction) throws {
        switch action {
        case .none, .hello: break
        case .start(let slot, let incoming): try start(slot, incoming)
        case .message(let slot, let payload, let isLast): try message(slot, payload, isLast)
        case .credit(let slot):
            let call = try ledger.call(state.streams[slot].id)
            guard !ledger[call].creditsToClient.isEmpty else {
                throw Violation("credit from nowhere")
            }
            ledger[call].toClient += ledger[call].creditsToClient.removeFirst()
        case .cancel(let slot, let id, let error, let tellPeer):
            guard !tellPeer else { throw Violation("a stream fault on \(id): \(error)") }
            guard let index = handlers.firstIndex(where: { $0.slot == slot }) else {
                throw Violation("a stream without handler was cancelled")
            }
            handlers[index].isCancelled = true
        case .reset(let id, let error):
            guard error.code == .unavailable else { throw Violation("RESET of \(id): \(error)") }
            try write(.reset, id, error)
        case .answer(let id, let error):
            guard error.code == .deadlineExceeded else {
                throw Violation("answer to \(id): \(error)")
            }
            try write(.response, id, error)
        case .pong(let opaque): writer.writePing(opaque, isAnswer: true)
        case .drained:
            for index in handlers.indices.reversed()
            where handlers[index].isEndless && !handlers[index].isCancelled {
                try answer(index, .unavailable)
            }
            closeIfDrained()
        case .goAway(let error): throw Violation("the server ends the connection: \(error)")
        case .close(let reason): throw Violation("the server closes the connection: \(reason)")
        case .peerLeft: throw Violation("the server understood GOAWAY, which nobody sent")
        }
    }

    private func start(_ slot: Int, _ incoming: IncomingCall) throws {
        let call = try ledger.call(incoming.stream)
        let plan = ledger[call].plan
        try ledger.started(
            call,
            first: incoming.first,
            isEnded: incoming.isEnded,
            window: state.peer.windowBytes
        )
        guard state.streams.count <= state.own.streams else {
            throw Violation("\(state.streams.count) streams, \(state.own.streams) allowed")
        }
        guard (incoming.deadline == nil) == (plan.isEndless && plan.timeout == nil) else {
            throw Violation("call \(call) has another time limit than it should")
        }
        var handler = Handler(
            call: call,
            slot: slot,
            id: incoming.stream,
            steps: plan.handler[...],
            isInboxEnded: incoming.isEnded,
            isEndless: incoming.deadline == nil
        )
        if let first = incoming.first { handler.inbox.append((first, false)) }
        handlers.append(handler)
        guard plan.isRefused else { return }
        var refusal = RPCError(.permissionDenied, "no")
        refusal.isNotProcessed = true
        try write(.response, incoming.stream, refusal)
        state.close(slot)
        finish(handlers.count - 1)
    }

    private func message(_ slot: Int, _ payload: ByteBuffer?, _ isLast: Bool) throws {
        guard let index = handlers.firstIndex(where: { $0.slot == slot }) else {
            throw Violation("a message for a stream without handler")
        }
        if let payload { handlers[index].inbox.append((payload, true)) }
        if isLast { handlers[index].isInboxEnded = true }
    }

    private func write(_ type: FrameType, _ id: UInt32, _ error: RPCError) throws {
        writer.write(
            type,
            error.isNotProcessed ? .notProcessed : [],
            stream: id,
            header: error.statusHeader()
        )
        try ledger.answers(
            ledger.call(id),
            Ledger.Answer(
                type: type,
                code: error.code.rawValue,
                isNotProcessed: error.isNotProcessed,
                message: nil
            )
        )
    }

    /// Ends a call with an error, whatever its handler does, and cancels it.
    private func answer(_ index: Int, _ code: RPCError.Code) throws {
        guard !handlers[index].isCancelled else { return }
        try write(.response, handlers[index].id, RPCError(code, "over"))
        state.close(handlers[index].slot)
        handlers[index].isCancelled = true
    }
}

/// Handlers.
extension SimulatedServer {
    /// A handler does its next step, if it can.
    ///
    /// - Returns: Whether it could.
    func step(_ random: inout SeededRandom) throws -> Bool {
        guard !handlers.isEmpty else { return false }
        return try step(random.below(handlers.count), &random)
    }

    /// Each handler does what it can.
    ///
    /// - Returns: Whether any could do anything.
    func stepAll(_ random: inout SeededRandom) throws -> Bool {
        var hasMoved = false
        for index in handlers.indices.reversed() {
            while handlers.indices.contains(index), try step(index, &random) { hasMoved = true }
        }
        return hasMoved
    }

    private func step(_ index: Int, _ random: inout SeededRandom) throws -> Bool {
        if handlers[index].isCancelled || isClosed {
            // A handler may still read what came, and returns when it gets to it.
            if random.chance(50), try read(index) { return true }
            finish(index)
            return true
        }
        guard let step = handlers[index].steps.first else {
            try answer(index)
            return true
        }
        switch step {
        case .read:
            if handlers[index].sawEnd {
                handlers[index].steps.removeFirst()
                return true
            }
            guard try read(index) else { return false }
            handlers[index].steps.removeFirst()
        case .readToEnd:
            if handlers[index].sawEnd {
                handlers[index].steps.removeFirst()
                return true
            }
            return try read(index)
        case .write(let size): return try write(index, size)
        }
        return true
    }

    private func read(_ index: Int) throws -> Bool {
        guard !handlers[index].inbox.isEmpty else {
            guard handlers[index].isInboxEnded, !handlers[index].sawEnd else { return false }
            handlers[index].sawEnd = true
            try ledger.handlerSawEnd(handlers[index].call)
            return true
        }
        let (payload, isCounted) = handlers[index].inbox.removeFirst()
        try ledger.handlerRead(handlers[index].call, payload)
        guard isCounted else { return true }
        let slot = handlers[index].slot
        let credit = state.consumed(slot, bytes: payload.readableBytes)
        let unread = handlers[index].inbox.count { $0.isCounted }
        guard state.streams[slot].unread == unread else {
            throw Violation("\(state.streams[slot].unread) unread, \(unread) are")
        }
        guard credit > 0, !isClosed, !closesAfterFlush else { return true }
        guard credit * 2 >= state.own.windowBytes else { throw Violation("CREDIT of \(credit)") }
        writer.writeCredit(credit, stream: handlers[index].id)
        ledger[handlers[index].call].creditsToServer.append(credit)
        return true
    }

    private func write(_ index: Int, _ size: Int) throws -> Bool {
        let handler = handlers[index]
        let model = ledger[handler.call].toClient
        guard state.streams[handler.slot].credits.toSend == model else {
            throw Violation("credit \(state.streams[handler.slot].credits.toSend), not \(model)")
        }
        guard state.canSend(handler.slot) == (model > 0) else {
            throw Violation("sends at \(model)")
        }
        guard model > 0 else { return false }
        let place = ledger[handler.call].responsesSent
        let payload = Ledger.payload(handler.call, place, fromServer: true, size: size)
        try writer.write(
            .message,
            .message,
            stream: handler.id,
            payloadBytesMax: state.peer.messageBytes
        ) { $0.writeImmutableBuffer(payload) }
        state.sent(handler.slot, bytes: size)
        ledger[handler.call].toClient -= size
        ledger[handler.call].responsesSent += 1
        handlers[index].steps.removeFirst()
        return true
    }

    /// The handler is done: RESPONSE, and its slot is free.
    private func answer(_ index: Int) throws {
        let handler = handlers[index]
        let plan = ledger[handler.call].plan
        if let code = RPCError.Code(rawValue: plan.code) {
            try answer(index, code)
        } else {
            let place = ledger[handler.call].responsesSent
            if let size = plan.lastResponse {
                let payload = Ledger.payload(handler.call, place, fromServer: true, size: size)
                try writer.write(
                    .response,
                    .message,
                    stream: handler.id,
                    payloadBytesMax: state.peer.messageBytes
                ) { $0.writeImmutableBuffer(payload) }
            } else {
                writer.write(.response, stream: handler.id)
            }
            try ledger.answers(
                handler.call,
                Ledger.Answer(
                    type: .response,
                    code: 0,
                    isNotProcessed: false,
                    message: plan.lastResponse
                )
            )
            state.close(handler.slot)
        }
        finish(index)
    }

    /// The handler has returned.
    private func finish(_ index: Int) {
        let handler = handlers.remove(at: index)
        ledger[handler.call].isRunning = false
        state.close(handler.slot)
        state.release(handler.slot)
        if state.phase == .drained { closeIfDrained() }
    }

    private func closeIfDrained() {
        if state.isDrained { closesAfterFlush = true }
    }
}
