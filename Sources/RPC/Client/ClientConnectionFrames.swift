import NIOCore

/// What comes from the server.
extension ClientConnectionState {
    /// What the decoder found.
    mutating func receive(_ event: FrameEvent, now: NIODeadline) -> ClientAction {
        switch phase {
        case .ended: return .none
        case .awaitingHello: return receiveFirst(event)
        case .open, .draining: break
        }
        switch event {
        case .fault(let fault): return end(.internal, fault.text)
        case .oversize(let type, let id):
            guard type != .request else { return end(.internal, "A REQUEST from a server.") }
            return onStream(id) { state, slot in
                state.fault(
                    slot,
                    .resourceExhausted,
                    "The answer is larger than \(state.own.messageBytes) bytes."
                )
            }
        case .frame(let frame):
            switch frame.type {
            case .response: return response(frame)
            case .message: return message(frame)
            case .credit: return credit(frame)
            case .reset: return reset(frame)
            case .ping: return ping(frame, now: now)
            case .drain: return drain(frame)
            case .goAway: return goAway(frame)
            case .hello: return end(.internal, "A second HELLO.")
            case .request: return end(.internal, "A REQUEST from a server.")
            }
        }
    }

    private mutating func receiveFirst(_ event: FrameEvent) -> ClientAction {
        switch event {
        case .fault(.foreign(let guess)):
            return close("The server does not speak pass-rpc/1: \(guess).")
        case .fault(let fault): return end(.internal, fault.text)
        case .oversize: return close("The server's first frame is not HELLO.")
        case .frame(let frame) where frame.type == .goAway: return goAway(frame)
        case .frame(let frame):
            guard frame.type == .hello else {
                return close("The server's first frame is not HELLO.")
            }
            do {
                return welcome(try Announcement(decoding: frame.header))
            } catch {
                switch error {
                case .magic: return close("The server's HELLO has another magic number.")
                case .undecodable: return end(.internal, "HELLO does not decode.")
                case .version(let version):
                    return end(.failedPrecondition, "Version \(version) is unknown.")
                }
            }
        }
    }

    /// The limits assumed so far give way to those announced.
    private mutating func welcome(_ announcement: Announcement) -> ClientAction {
        let difference = announcement.windowBytes - peer.windowBytes
        if difference != 0 {
            for slot in streams.used { streams[slot].credits.adjust(by: difference) }
        }
        peer = announcement
        phase = .open
        return .hello
    }

    private mutating func end(_ code: RPCError.Code, _ text: String) -> ClientAction {
        phase = .ended
        return .goAway(RPCError(code, text))
    }

    private mutating func close(_ reason: String) -> ClientAction {
        phase = .ended
        return .close(reason)
    }

    private mutating func onStream(
        _ id: UInt32,
        _ body: (inout Self, Int) -> ClientAction
    ) -> ClientAction {
        if let slot = streams.slot(of: id) { return body(&self, slot) }
        guard id & 1 == 1, id < nextID else {
            return end(.internal, "A frame for stream \(id), which was never opened.")
        }
        return .none
    }

    private mutating func fault(
        _ slot: Int,
        _ code: RPCError.Code,
        _ text: String
    ) -> ClientAction {
        let id = streams[slot].id
        close(slot)
        return .fault(slot, id, RPCError(code, text))
    }

    private mutating func response(_ frame: Frame) -> ClientAction {
        onStream(frame.stream) { state, slot in
            let hasMessage = frame.flags.contains(.message)
            do {
                let error = try RPCError.decode(
                    frame.header,
                    isNotProcessed: frame.flags.contains(.notProcessed)
                )
                guard error != nil || hasMessage || state.streams[slot].serverStreams else {
                    return state.fault(slot, .internal, "An answer without its message.")
                }
                guard error != nil || hasMessage || frame.payload.readableBytes == 0 else {
                    return state.fault(slot, .internal, "A payload without the MESSAGE flag.")
                }
                state.close(slot)
                return .ended(slot, error, error == nil && hasMessage ? frame.payload : nil)
            } catch {
                return state.fault(slot, .invalidArgument, "The RESPONSE header does not decode.")
            }
        }
    }

    private mutating func message(_ frame: Frame) -> ClientAction {
        onStream(frame.stream) { state, slot in
            guard frame.header.readableBytes == 0 else {
                return state.fault(slot, .invalidArgument, "MESSAGE takes no header.")
            }
            guard state.streams[slot].serverStreams else {
                return state.fault(slot, .internal, "A MESSAGE for a call with one answer.")
            }
            guard frame.flags == .message else {
                // END on its own says what RESPONSE will say again.
                guard frame.flags == .end, frame.payload.readableBytes == 0 else {
                    return state.fault(slot, .internal, "A MESSAGE frame without its message.")
                }
                return .none
            }
            do {
                try state.streams[slot].credits.receive(frame.payload.readableBytes)
            } catch {
                return state.fault(slot, .resourceExhausted, "A message beyond the credit.")
            }
            state.streams[slot].unread += 1
            guard state.streams[slot].unread <= Limits.unreadMessagesMax else {
                return state.fault(slot, .resourceExhausted, "Too many unread messages.")
            }
            return .message(slot, frame.payload)
        }
    }

    private mutating func credit(_ frame: Frame) -> ClientAction {
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

    private mutating func reset(_ frame: Frame) -> ClientAction {
        onStream(frame.stream) { state, slot in
            do {
                let error = try RPCError.decode(
                    frame.header,
                    isNotProcessed: frame.flags.contains(.notProcessed)
                )
                state.close(slot)
                let reason = error ?? RPCError(.internal, "The server reset the call.")
                return .ended(slot, reason, nil)
            } catch {
                return state.fault(slot, .invalidArgument, "The RESET header does not decode.")
            }
        }
    }

    private mutating func ping(_ frame: Frame, now: NIODeadline) -> ClientAction {
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

    private mutating func drain(_ frame: Frame) -> ClientAction {
        guard frame.header.readableBytes == 0 else {
            return end(.internal, "DRAIN takes no header.")
        }
        guard !frame.flags.contains(.ack) else {
            return end(.internal, "An acknowledgement of DRAIN from a server.")
        }
        guard phase == .open else { return .none }
        phase = .draining
        return .drain
    }

    private mutating func goAway(_ frame: Frame) -> ClientAction {
        do {
            let error = try RPCError.decode(frame.header)
            phase = .ended
            return .peerLeft(error)
        } catch {
            return end(.internal, "The GOAWAY header does not decode.")
        }
    }
}
