import Logging
import NIOCore

/// What the state machine decided, done; and what calls ask of their connection.
extension ServerConnection {
    func perform(_ action: ServerAction) {
        switch action {
        case .none: break
        case .hello: log(.debug, "a client said hello")
        case .start(let slot, let incoming): start(slot, incoming)
        case .message(let slot, let payload, let isLast):
            guard let call = calls[slot] else { return }
            if let payload {
                call.receivedBytes += payload.readableBytes
                call.deliver(payload, isCounted: true)
            }
            if isLast { call.inbox.finish() }
        case .credit(let slot): calls[slot]?.gate.open()
        case .cancel(let slot, let id, let error, let tellPeer):
            if tellPeer { reset(id, error) }
            calls[slot]?.close(error, tellPeer: false)
        case .reset(let id, let error): reset(id, error)
        case .answer(let id, let error): answer(id, error)
        case .pong(let opaque):
            writer.writePing(opaque, isAnswer: true)
            scheduleFlush()
        case .drained:
            endEndlessCalls()
            closeIfDrained()
        case .goAway(let error): goAway(error)
        case .close(let reason):
            log(.notice, "connection closed", ["reason": "\(reason)"])
            abandon(RPCError(.cancelled, "The connection to the caller is lost."))
            closeNow()
        case .peerLeft(let error):
            if let error { log(.notice, "the client left", ["reason": "\(error)"]) }
            abandon(RPCError(.cancelled, "The caller has left."))
            closeAfterFlush()
        }
    }

    func perform(_ due: ServerConnectionState.Due) {
        switch due {
        case .ping:
            writer.writePing(UInt64(number), isAnswer: false)
            scheduleFlush()
        case .expire(let slot):
            calls[slot]?.close(
                RPCError(.deadlineExceeded, "The call took longer than its deadline."),
                tellPeer: true
            )
        case .goAway(let error): goAway(error)
        case .close(let reason): perform(ServerAction.close(reason))
        }
    }

    private func start(_ slot: Int, _ incoming: IncomingCall) {
        let call = ServerCall(self, slot: slot, incoming, peer: peer)
        while calls.count <= slot { calls.append(nil) }
        calls[slot] = call
        call.method.observer?.began()
        do {
            try shared.configuration.authorize(call.context)
        } catch {
            return refuse(call, error)
        }
        guard incoming.method.isLimited else { return run(call, at: incoming.cutAt) }
        switch loop.arrive(call, now: incoming.cutAt) {
        case .begin: run(call, at: incoming.cutAt)
        case .wait: break
        case .refuse(let time): refuse(call, Self.overload(time))
        }
    }

    private static func overload(_ time: Duration) -> RPCError {
        RPCError(
            .unavailable,
            "The server has too many calls of this method at work; try again later or elsewhere.",
            retryAfter: time
        )
    }

    /// Starts the handler.
    func run(_ call: ServerCall, at now: NIODeadline) {
        call.startedAt = now
        loop.began(call)
        let task = call.start(on: executor)
        guard calls[call.slot] === call else { return }
        call.task = task
        // What ended the call meanwhile found no task to cancel.
        if call.ending != nil { task.cancel() }
    }

    /// Turns away a call that has waited too long for others to end.
    func refuse(_ call: ServerCall, after time: Duration) {
        refuse(call, Self.overload(time))
    }

    private func refuse(_ call: ServerCall, _ error: any Error) {
        var refusal = (error as? any RPCFailure)?.rpcError ?? internalError(error, in: call)
        refusal.isNotProcessed = true
        call.close(refusal, tellPeer: true)
        call.returned()
    }

    /// Calls without a deadline end only when their caller stops, and callers of a stopping server
    /// do not: they are told to call elsewhere.
    private func endEndlessCalls() {
        for call in calls where call?.context.deadline == nil {
            call?.close(RPCError(.unavailable, "The server is stopping."), tellPeer: true)
        }
    }

    private func reset(_ id: UInt32, _ error: RPCError) {
        writer.write(
            .reset,
            error.isNotProcessed ? .notProcessed : [],
            stream: id,
            header: error.statusHeader()
        )
        scheduleFlush()
    }

    private func answer(_ id: UInt32, _ error: RPCError) {
        writer.write(
            .response,
            error.isNotProcessed ? .notProcessed : [],
            stream: id,
            header: error.statusHeader()
        )
        scheduleFlush()
    }

    private func goAway(_ error: RPCError) {
        log(.notice, "connection ended", ["reason": "\(error)"])
        writer.write(.goAway, header: error.statusHeader())
        abandon(RPCError(.cancelled, "The connection to the caller has ended."))
        closeAfterFlush()
    }

    /// Asks the client to open no more streams, and closes when the last has ended.
    func beginDrain(limit: NIODeadline) {
        guard !isClosing else { return }
        // A client that has not said hello has nothing under way.
        if case .awaitingHello = state.phase { return closeAfterFlush() }
        guard state.beginDrain(now: eventLoop.now, limit: limit) else { return }
        writer.write(.drain)
        scheduleFlush()
        rearm()
    }

    private func closeIfDrained() {
        if state.isDrained { closeAfterFlush() }
    }

    /// What a caller hears of an error that it cannot act on.
    ///
    /// This is the one place where such an error is logged.
    func internalError(_ error: any Error, in call: ServerCall) -> RPCError {
        let request = "\(shared.configuration.instance)-\(number)-\(call.stream)"
        log(
            .error,
            "a handler failed",
            [
                "method": "\(call.method.descriptor.path)", "request": "\(request)",
                "error": "\(error)",
                "trace": "\(TraceContext(bytes: call.context.traceContext)?.traceID ?? "")",
            ]
        )
        var metadata = Metadata()
        metadata.add("request-id", request)
        return RPCError(.internal, "Internal error.", metadata: metadata)
    }
}

/// For calls, on the event loop.
extension ServerConnection {
    /// Writes a MESSAGE if there is credit and the socket takes it.
    func send(_ call: ServerCall, _ encode: (inout ByteBuffer) throws -> Void) throws -> Bool {
        guard state.canSend(call.slot) else { return false }
        // A handler that never suspends must meet the bound within one turn of the loop too.
        if writer.buffer.readableBytes >= Limits.unsentBytesHigh { flush() }
        guard channel.isWritable else { return false }
        let bytes = try writer.write(
            .message,
            .message,
            stream: call.stream,
            payloadBytesMax: state.peer.messageBytes,
            payload: encode
        )
        state.sent(call.slot, bytes: bytes)
        call.sentBytes += bytes
        scheduleFlush()
        return true
    }

    /// Writes RESPONSE with status OK, with or without a message.
    ///
    /// - Returns: The message's size in bytes.
    func answer(
        _ call: ServerCall,
        hasMessage: Bool,
        _ encode: (inout ByteBuffer) throws -> Void
    ) throws -> Int {
        var bytes = 0
        if hasMessage {
            bytes = try writer.write(
                .response,
                .message,
                stream: call.stream,
                payloadBytesMax: state.peer.messageBytes,
                payload: encode
            )
        } else {
            writer.write(.response, stream: call.stream)
        }
        state.close(call.slot)
        scheduleFlush()
        return bytes
    }

    /// Writes RESPONSE with an error.
    func answer(_ call: ServerCall, _ error: RPCError) {
        guard !isClosing else { return }
        answer(call.stream, error)
        state.close(call.slot)
    }

    /// Gives the client credit back when half a window has come together.
    func consumed(_ call: ServerCall, _ bytes: Int) {
        let credit = state.consumed(call.slot, bytes: bytes)
        guard credit > 0, !isClosing else { return }
        writer.writeCredit(credit, stream: call.stream)
        scheduleFlush()
    }

    /// The handler has returned: the stream no longer counts.
    func finished(_ call: ServerCall) {
        state.close(call.slot)
        state.release(call.slot)
        calls[call.slot] = nil
        call.method.observer?.ended(call.report)
        loop.ended(call)
        if state.phase == .drained { closeIfDrained() }
    }
}
