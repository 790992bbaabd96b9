import NIOCore

/// Frames for streams that exist, and what handlers do to them.
extension ServerConnectionState {
    /// Finds the stream that a frame is for.
    ///
    /// Frames for a closed one are dropped; one for a stream never opened is a connection fault.
    mutating func onStream(
        _ id: UInt32,
        _ body: (inout Self, Int) -> ServerAction
    ) -> ServerAction {
        if let slot = streams.slot(of: id) { return body(&self, slot) }
        guard id & 1 == 1, id <= highestID else {
            return end(.internal, "A frame for stream \(id), which was never opened.")
        }
        return .none
    }

    /// A stream fault: RESET to the peer, and the handler is cancelled.
    mutating func fault(_ slot: Int, _ code: RPCError.Code, _ text: String) -> ServerAction {
        close(slot)
        return .cancel(slot, streams[slot].id, RPCError(code, text), tellPeer: true)
    }

    mutating func message(_ frame: Frame) -> ServerAction {
        onStream(frame.stream) { state, slot in
            let hasMessage = frame.flags.contains(.message)
            let isLast = frame.flags.contains(.end)
            guard frame.header.readableBytes == 0 else {
                return state.fault(slot, .invalidArgument, "MESSAGE takes no header.")
            }
            guard hasMessage || isLast && frame.payload.readableBytes == 0 else {
                return state.fault(
                    slot,
                    .internal,
                    "A MESSAGE frame that is neither message nor end."
                )
            }
            guard !state.streams[slot].isRequestEnded else {
                return state.fault(slot, .internal, "A MESSAGE frame after END.")
            }
            if hasMessage {
                do {
                    try state.streams[slot].credits.receive(frame.payload.readableBytes)
                } catch {
                    return state.fault(slot, .resourceExhausted, "A message beyond the credit.")
                }
                state.streams[slot].unread += 1
                guard state.streams[slot].unread <= Limits.unreadMessagesMax else {
                    return state.fault(slot, .resourceExhausted, "Too many unread messages.")
                }
            }
            if isLast { state.streams[slot].isRequestEnded = true }
            return .message(slot, hasMessage ? frame.payload : nil, isLast: isLast)
        }
    }

    mutating func credit(_ frame: Frame) -> ServerAction {
        onStream(frame.stream) { state, slot in
            guard frame.header.readableBytes == 0 else {
                return state.fault(slot, .invalidArgument, "CREDIT takes no header.")
            }
            // The decoder lets through no CREDIT without its four bytes.
            let bytes =
                frame.payload.getInteger(at: frame.payload.readerIndex, as: UInt32.self) ?? 0
            do {
                try state.streams[slot].credits.refill(bytes)
            } catch {
                return state.fault(slot, .internal, "CREDIT of \(bytes) bytes.")
            }
            return .credit(slot)
        }
    }

    mutating func reset(_ frame: Frame, now: NIODeadline) -> ServerAction {
        guard !resetFlood.isFlood(resetAt: now, requests: requests, open: streams.openCount) else {
            return end(.resourceExhausted, "Too many RESETs.")
        }
        return onStream(frame.stream) { state, slot in
            do {
                let error = try RPCError.decode(frame.header)
                state.close(slot)
                return .cancel(
                    slot,
                    frame.stream,
                    error ?? RPCError(.cancelled, "The caller cancelled the call."),
                    tellPeer: false
                )
            } catch {
                return state.fault(slot, .invalidArgument, "The RESET header does not decode.")
            }
        }
    }

    mutating func ping(_ frame: Frame, now: NIODeadline) -> ServerAction {
        guard frame.header.readableBytes == 0 else {
            return end(.internal, "PING takes no header.")
        }
        guard !frame.flags.contains(.ack) else { return .none }
        guard !keepalive.isFlood(pingAt: now, hasStreams: streams.count > 0) else {
            return end(.resourceExhausted, "Too many PINGs without open streams.")
        }
        let opaque = frame.payload.getInteger(at: frame.payload.readerIndex, as: UInt64.self)
        return .pong(opaque ?? 0)
    }

    mutating func drain(_ frame: Frame) -> ServerAction {
        guard frame.header.readableBytes == 0 else {
            return end(.internal, "DRAIN takes no header.")
        }
        guard frame.flags.contains(.ack) else { return end(.internal, "DRAIN from a client.") }
        guard case .draining = phase else { return .none }
        phase = .drained
        return .drained
    }

    mutating func goAway(_ frame: Frame) -> ServerAction {
        do {
            let error = try RPCError.decode(frame.header)
            phase = .ended
            return .peerLeft(error)
        } catch {
            return end(.internal, "The GOAWAY header does not decode.")
        }
    }

    /// Whether a message of this stream may leave now.
    func canSend(_ slot: Int) -> Bool { streams[slot].credits.canSend }

    /// A MESSAGE of `bytes` payload was written.
    mutating func sent(_ slot: Int, bytes: Int) {
        streams[slot].credits.send(bytes)
    }

    /// The handler took a message that came in a MESSAGE frame.
    ///
    /// - Returns: The credit to give back now, or 0.
    mutating func consumed(_ slot: Int, bytes: Int) -> Int {
        streams[slot].unread -= 1
        guard streams[slot].isOpen, !streams[slot].isRequestEnded else { return 0 }
        return streams[slot].credits.consume(bytes)
    }

    /// RESPONSE or RESET ended the stream on the wire.
    ///
    /// The slot stays until `release`.
    mutating func close(_ slot: Int) {
        guard streams[slot].isOpen else { return }
        streams[slot].isOpen = false
        streams.close(streams[slot].id)
    }

    /// The handler has returned: the stream no longer counts.
    ///
    /// - Precondition: the stream has ended on the wire.
    mutating func release(_ slot: Int) {
        streams.release(slot)
    }

    /// Whether a draining connection has nothing left to do.
    var isDrained: Bool { phase == .drained && streams.count == 0 }
}

/// Time.
extension ServerConnectionState {
    /// What to do because time has passed.
    enum Due: Equatable {
        case ping
        /// Answer DEADLINE_EXCEEDED and cancel the handler.
        case expire(Int)
        case goAway(RPCError)
        case close(String)
    }

    /// Asks the client to open no more streams.
    ///
    /// At `limit` the connection ends even if handlers are still at work.
    ///
    /// - Returns: Whether DRAIN is to be sent.
    mutating func beginDrain(now: NIODeadline, limit: NIODeadline) -> Bool {
        guard phase == .open else { return false }
        phase = .draining(until: min(now + TimeAmount(Limits.drainAnswer), limit))
        drainLimit = limit
        return true
    }

    /// Bytes were read; `isWithinFrame` tells whether the last of them leave a frame unfinished.
    mutating func read(at now: NIODeadline, isWithinFrame: Bool) {
        frameLimit = isWithinFrame ? now + TimeAmount(Limits.unfinishedFrame) : .distantFuture
    }

    /// The server itself does not read at the moment, because the client does not read its answers:
    /// the client's silence tells nothing, and its answer to DRAIN cannot be seen.
    mutating func readWithheld(at now: NIODeadline) {
        keepalive.read(at: now)
        if frameLimit != .distantFuture { read(at: now, isWithinFrame: true) }
        if case .draining = phase {
            phase = .draining(until: min(now + TimeAmount(Limits.drainAnswer), drainLimit))
        }
    }

    /// When `tick` next has something to do.
    var wake: NIODeadline {
        var wake = min(earliestDeadline, drainLimit, frameLimit)
        switch phase {
        case .awaitingHello(let until), .draining(let until): wake = min(wake, until)
        case .open, .drained: break
        case .ended: return .distantFuture
        }
        return streams.openCount > 0 ? min(wake, keepalive.wake) : wake
    }

    /// What is due at `now`.
    mutating func tick(_ now: NIODeadline) -> [Due] {
        var due: [Due] = []
        switch phase {
        case .ended: return []
        case .awaitingHello(let until) where until <= now:
            phase = .ended
            return [.close("No HELLO came.")]
        case .draining(let until) where until <= now:
            phase = .ended
            return [.goAway(RPCError(.unavailable, "The server is stopping."))]
        default: break
        }
        if drainLimit <= now {
            phase = .ended
            return [.goAway(RPCError(.unavailable, "The server has stopped."))]
        }
        if frameLimit <= now {
            phase = .ended
            return [.goAway(RPCError(.deadlineExceeded, "A frame was begun and not ended."))]
        }
        if streams.openCount > 0 {
            switch keepalive.step(at: now) {
            case .none: break
            case .ping: due.append(.ping)
            case .dead:
                phase = .ended
                return [.close("The peer answers nothing.")]
            }
        }
        guard earliestDeadline <= now else { return due }
        earliestDeadline = .distantFuture
        for slot in streams.used where streams[slot].isOpen {
            if streams[slot].deadline <= now {
                due.append(.expire(slot))
            } else {
                earliestDeadline = min(earliestDeadline, streams[slot].deadline)
            }
        }
        return due
    }
}
