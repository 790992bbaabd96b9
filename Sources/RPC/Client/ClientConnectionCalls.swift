import NIOCore

/// For calls, on the event loop.
extension ClientConnection {
    /// Opens a stream and writes its REQUEST.
    ///
    /// - Precondition: `canOpen`.
    func open(_ call: ClientCall, at now: NIODeadline) throws {
        let left = call.deadline.map { max(1, ($0 - now).nanoseconds / 1000) } ?? 0
        let header: (inout ByteBuffer) -> Void = { buffer in
            buffer.writeRequestHead(
                path: call.method.path,
                timeoutMicroseconds: UInt64(left),
                traceContext: call.traceContext,
                metadata: call.metadata
            )
            buffer.writeAttempt(call.attempt)
        }
        var flags: FrameFlags = call.hasMessage ? .message : []
        if call.isRequestEnded { flags.insert(.end) }
        if call.method.isIdempotent { flags.insert(.idempotent) }
        let id = state.nextID
        call.sentBytes += try writer.write(
            .request,
            flags,
            stream: id,
            payloadBytesMax: state.peer.messageBytes,
            header: header,
            payload: { buffer in try call.encodeRequest(into: &buffer) }
        )
        let (slot, _) = state.open(
            call.method.kind,
            deadline: call.deadline ?? .distantFuture,
            isRequestEnded: call.isRequestEnded,
            now: now
        )
        while calls.count <= slot { calls.append(nil) }
        calls[slot] = call
        call.opened(self, slot: slot, stream: id, at: now)
        scheduleFlush()
        if !state.takesStreams { endpoint.retire(self) }
    }

    /// Writes a MESSAGE if there is credit and the socket takes it.
    func send(_ call: ClientCall, _ encode: (inout ByteBuffer) throws -> Void) throws -> Bool {
        guard state.canSend(call.slot) else { return false }
        // A caller that never suspends must meet the bound within one turn of the loop too.
        if writer.buffer.readableBytes >= Limits.unsentBytesHigh { flush() }
        // A socket that turns out to be closed has ended the call within the flush.
        guard channel.isWritable, calls[call.slot] === call else { return false }
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

    /// Writes the bare end of the caller's messages.
    func sendEnd(_ call: ClientCall) {
        state.streams[call.slot].isRequestEnded = true
        writer.write(.message, .end, stream: call.stream)
        scheduleFlush()
    }

    /// Gives the server credit back when half a window has come together.
    func consumed(_ call: ClientCall, _ bytes: Int) {
        let credit = state.consumed(call.slot, bytes: bytes)
        guard credit > 0, !isClosing else { return }
        writer.writeCredit(credit, stream: call.stream)
        scheduleFlush()
    }

    /// The caller wants no more: RESET to the server.
    ///
    /// The stream's place is free at once.
    func cancel(_ call: ClientCall) {
        calls[call.slot] = nil
        state.close(call.slot)
        guard !isClosing else { return }
        writeReset(call.stream, RPCError(.cancelled, "The caller gave up."))
        closeIfSpent()
        loop.slotFreed()
    }
}

extension ByteBuffer {
    /// Appends to the header of REQUEST which try it is; the first says nothing.
    fileprivate mutating func writeAttempt(_ attempt: UInt32) {
        guard attempt > 0 else { return }
        writeInteger(UInt8(0x20))
        writeVarint(UInt64(attempt))
    }
}
