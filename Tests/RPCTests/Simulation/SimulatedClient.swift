import NIOCore

@testable import RPC

/// A client's end: the state machine, and callers that do what their plans say.
final class SimulatedClient {
    /// A caller, from its REQUEST until it has read all that it will.
    private struct Caller {
        let call: Int
        let slot: Int
        let id: UInt32
        /// Whether its stream is open.
        var isOpen = true
        var inbox: [(payload: ByteBuffer, isCounted: Bool)] = []
        var reads = 0
    }

    private(set) var state: ClientConnectionState
    private let ledger: Ledger
    private var input: FrameInput
    private var writer = FrameWriter(allocator: ByteBufferAllocator())
    private var callers: [Caller] = []
    private(set) var isClosed = false
    private var closesAfterFlush = false
    private(set) var wasGreeted = false
    private(set) var isDraining = false

    init(_ setting: SimulationSetting, _ ledger: Ledger, now: NIODeadline) {
        self.ledger = ledger
        state = ClientConnectionState(own: setting.client, now: now)
        input = FrameInput(payloadBytesMax: setting.client.messageBytes)
        state.started(at: now)
        writer.write(.hello, header: setting.client.helloHeader())
    }

    /// Whether a call can start now.
    var canOpen: Bool { !isClosed && !closesAfterFlush && state.canOpen }

    /// What is written leaves.
    func flush(_ wire: inout SimulatedWire) -> Bool {
        guard !isClosed, !writer.isEmpty || closesAfterFlush else { return false }
        state.flushed()
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
            try perform(state.receive(event, now: now))
        }
    }

    /// The connection is gone.
    func lost() throws {
        isClosed = true
        state.phase = .ended
        try abandon()
    }

    /// Time has passed.
    func tick(_ now: NIODeadline) throws {
        guard !isClosed, !closesAfterFlush, state.wake <= now else { return }
        for due in state.tick(now) {
            switch due {
            case .ping: writer.writePing(9, isAnswer: false)
            case .expire(let slot): try giveUp(try index(slot), .expired)
            case .close: try leave()
            }
        }
    }

    /// A call starts.
    func open(_ plan: CallPlan, now: NIODeadline) throws {
        let id = state.nextID
        let call = ledger.add(plan, id: id, toServer: state.peer.windowBytes)
        var flags: FrameFlags = plan.firstInRequest ? .message : []
        let isEnded =
            plan.endsWithLast && plan.requests.count == 1 && plan.firstInRequest
        if isEnded { flags.insert(.end) }
        let payload =
            plan.firstInRequest
            ? Ledger.payload(call, 0, fromServer: false, size: plan.requests[0]) : ByteBuffer()
        try writer.write(
            .request,
            flags,
            stream: id,
            payloadBytesMax: state.peer.messageBytes,
            header: { buffer in
                buffer.writeRequestHead(
                    path: SimulationSetting.path(plan),
                    timeoutMicroseconds: UInt64(plan.timeout ?? 0) * 1_000,
                    metadata: Metadata()
                )
            },
            payload: { $0.writeImmutableBuffer(payload) }
        )
        let (slot, opened) = state.open(
            plan.kind,
            deadline: plan.timeout.map { now + .milliseconds(Int64($0)) } ?? .distantFuture,
            isRequestEnded: isEnded,
            now: now
        )
        guard opened == id else { throw Violation("REQUEST \(id) opened \(opened)") }
        ledger[call].requestsSent = plan.firstInRequest ? 1 : 0
        ledger[call].saidEnd = isEnded
        callers.append(Caller(call: call, slot: slot, id: id))
        guard state.streams.count == callers.count(where: \.isOpen) else {
            throw Violation("\(state.streams.count) streams are open at the client")
        }
    }

    private func index(_ slot: Int) throws -> Int {
        guard let index = callers.firstIndex(where: { $0.slot == slot && $0.isOpen }) else {
            throw Violation("something for a call that has ended")
        }
        return index
    }

    private func perform(_ action: ClientAction) throws {
        switch action {
        case .none: break
        case .hello: greeted()
        case .message(let slot, let payload):
            callers[try index(slot)].inbox.append((payload, true))
        case .ended(let slot, let error, let payload):
            let index = try index(slot)
            let ending = Ledger.Ending.answered(
                error?.code.rawValue ?? 0,
                isNotProcessed: error?.isNotProcessed ?? false
            )
            try ledger.ended(callers[index].call, ending)
            if let payload { callers[index].inbox.append((payload, false)) }
            callers[index].isOpen = false
        case .fault(_, let id, let error): throw Violation("a stream fault on \(id): \(error)")
        case .credit(let slot):
            let call = callers[try index(slot)].call
            guard !ledger[call].creditsToServer.isEmpty else {
                throw Violation("credit from nowhere")
            }
            ledger[call].toServer += ledger[call].creditsToServer.removeFirst()
        case .pong(let opaque): writer.writePing(opaque, isAnswer: true)
        case .drain:
            isDraining = true
            writer.write(.drain, .ack)
        case .goAway(let error): throw Violation("the client ends the connection: \(error)")
        case .close(let reason): throw Violation("the client closes the connection: \(reason)")
        case .peerLeft: try leave()
        }
    }

    /// The connection ends; what has not left stays here.
    private func leave() throws {
        writer.clear(allocator: ByteBufferAllocator())
        try abandon()
        closesAfterFlush = true
    }

    private func greeted() {
        wasGreeted = true
        let difference = state.peer.windowBytes - Limits.windowBytesDefault
        for caller in callers where caller.isOpen { ledger[caller.call].toServer += difference }
    }

    /// All calls end with the connection.
    private func abandon() throws {
        for index in callers.indices where callers[index].isOpen {
            let isUnwritten = state.isUnwritten(callers[index].slot)
            state.close(callers[index].slot)
            callers[index].isOpen = false
            callers[index].inbox = []
            try ledger.ended(callers[index].call, .lost(isNotProcessed: isUnwritten))
        }
    }

    /// A caller wants no more.
    private func giveUp(_ index: Int, _ ending: Ledger.Ending) throws {
        state.close(callers[index].slot)
        callers[index].isOpen = false
        callers[index].inbox = []
        let error = RPCError(.cancelled, "gave up")
        writer.write(.reset, stream: callers[index].id, header: error.statusHeader())
        try ledger.ended(callers[index].call, ending)
    }
}

/// Callers.
extension SimulatedClient {
    /// A caller sends its next message or END, if it can.
    ///
    /// - Returns: Whether it could.
    func write(_ random: inout SeededRandom) throws -> Bool {
        guard !callers.isEmpty else { return false }
        return try write(random.below(callers.count))
    }

    /// A caller reads its next message, if there is one.
    func read(_ random: inout SeededRandom) throws -> Bool {
        guard !callers.isEmpty else { return false }
        return try read(random.below(callers.count))
    }

    /// Each caller does what it can.
    func stepAll() throws -> Bool {
        var hasMoved = false
        for index in callers.indices {
            while try write(index) { hasMoved = true }
            while try read(index) { hasMoved = true }
        }
        return hasMoved
    }

    private func write(_ index: Int) throws -> Bool {
        let caller = callers[index]
        guard caller.isOpen, !closesAfterFlush, !isClosed, !ledger[caller.call].saidEnd else {
            return false
        }
        let plan = ledger[caller.call].plan
        let place = ledger[caller.call].requestsSent
        guard place < plan.requests.count else {
            state.streams[caller.slot].isRequestEnded = true
            writer.write(.message, .end, stream: caller.id)
            ledger[caller.call].saidEnd = true
            return true
        }
        let model = ledger[caller.call].toServer
        guard state.streams[caller.slot].credits.toSend == model else {
            throw Violation("credit \(state.streams[caller.slot].credits.toSend), not \(model)")
        }
        guard state.canSend(caller.slot) == (model > 0) else {
            throw Violation("sends at \(model)")
        }
        guard model > 0 else { return false }
        let size = plan.requests[place]
        let payload = Ledger.payload(caller.call, place, fromServer: false, size: size)
        let isLast = plan.endsWithLast && place == plan.requests.count - 1
        try writer.write(
            .message,
            isLast ? [.message, .end] : .message,
            stream: caller.id,
            payloadBytesMax: state.peer.messageBytes
        ) { $0.writeImmutableBuffer(payload) }
        state.sent(caller.slot, bytes: size)
        if isLast { state.streams[caller.slot].isRequestEnded = true }
        ledger[caller.call].saidEnd = isLast
        ledger[caller.call].toServer -= size
        ledger[caller.call].requestsSent += 1
        return true
    }

    private func read(_ index: Int) throws -> Bool {
        if callers[index].isOpen, !closesAfterFlush, !isClosed,
            ledger[callers[index].call].plan.cancelsAfter == callers[index].reads
        {
            try giveUp(index, .cancelled)
            return true
        }
        guard !callers[index].inbox.isEmpty else { return false }
        let (payload, isCounted) = callers[index].inbox.removeFirst()
        let caller = callers[index]
        try ledger.callerRead(caller.call, payload)
        callers[index].reads += 1
        guard isCounted, caller.isOpen else { return true }
        let credit = state.consumed(caller.slot, bytes: payload.readableBytes)
        let unread = caller.inbox.count { $0.isCounted }
        guard state.streams[caller.slot].unread == unread else {
            throw Violation("\(state.streams[caller.slot].unread) unread, \(unread) are")
        }
        guard credit > 0, !closesAfterFlush, !isClosed else { return true }
        guard credit * 2 >= state.own.windowBytes else { throw Violation("CREDIT of \(credit)") }
        writer.writeCredit(credit, stream: caller.id)
        ledger[caller.call].creditsToClient.append(credit)
        return true
    }
}
