import Logging
import NIOCore

/// What the connection holds of its client's bytes.
extension ServerConnection {
    /// Tells the loop how much more or less is held than last time.
    func account() {
        let bytes = unreadBytes + input.heldBytes + unsentBytes
        guard bytes != held else { return }
        loop.hold(bytes - held)
        held = bytes
    }

    /// The unread messages of a call take so many bytes more, or less.
    func unreadChanged(by bytes: Int) {
        unreadBytes += bytes
        account()
    }

    /// `bytes` were handed to the socket.
    ///
    /// Asking what the socket has not taken costs as much as a small call, so it is asked once in a
    /// while, or each time while something waits.
    func wrote(_ bytes: Int) {
        writtenUnasked += bytes
        guard unsentBytes > 0 || writtenUnasked >= Limits.unsentBytesUnasked else { return }
        askUnsent()
        account()
    }

    /// Counts anew, exactly.
    func recount() {
        input.settle()
        askUnsent()
        account()
    }

    private func askUnsent() {
        writtenUnasked = 0
        guard channel.isActive, !isCut else { return unsentBytes = 0 }
        unsentBytes = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// What holds most here.
    var greediest: BufferHolder? {
        guard held > 0 else { return nil }
        var most = BufferHolder(connection: self, part: .unsent, bytes: unsentBytes)
        if input.heldBytes > most.bytes {
            most = BufferHolder(connection: self, part: .frame, bytes: input.heldBytes)
        }
        for (slot, call) in calls.enumerated() {
            guard let bytes = call?.unreadBytes, bytes > most.bytes else { continue }
            most = BufferHolder(connection: self, part: .stream(slot), bytes: bytes)
        }
        return most
    }

    /// Ends what holds most of all on the server.
    func end(_ part: BufferHolder.Part) {
        log(.warning, "ended what held most of the server's buffers", ["part": "\(part)"])
        let error = RPCError(
            .resourceExhausted,
            "The server holds too many bytes for its clients; this stream had most of them."
        )
        switch part {
        case .stream(let slot):
            if slot < calls.count { calls[slot]?.shed(error) }
        case .frame:
            if !isClosing, let (type, id) = input.abandonFrame() {
                perform(state.oversize(type, id, error.message))
                rearm()
            }
        case .unsent:
            // What was handed to the socket cannot be taken back, and GOAWAY would wait behind it.
            abandon(RPCError(.cancelled, "The caller does not read its answers."))
            isCut = true
            endReading()
            channel.close(promise: nil)
            askUnsent()
        }
        scheduleFlush()
        account()
    }
}
