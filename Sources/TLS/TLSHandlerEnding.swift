public import NIOCore
import NIOTLS

// How a connection ends. `TLSHandler.swift` calls these, and nobody else.

extension TLSHandler {
    /// Closes both directions, whatever the mode, after the closing messages.
    public func close(
        context: ChannelHandlerContext,
        mode: CloseMode,
        promise: EventLoopPromise<Void>?
    ) {
        if let promise {
            if let closePromise {
                closePromise.futureResult.cascade(to: promise)
            } else if state != .closed {
                closePromise = promise
            }
        }
        switch state {
        case .established:
            state = .closing
            engine.sendClose()
            dropWrites(ChannelError.ioOnClosedChannel)
            linger(context)
        case .idle, .handshaking: finishClose(context)
        case .closing, .failed: break
        case .closed: context.close(mode: .all, promise: promise)
        }
    }

    func fail(_ context: ChannelHandlerContext, _ failure: TLSFailure) {
        switch state {
        case .closing, .failed, .closed: return
        case .idle, .handshaking, .established: state = .failed
        }
        dropWrites(failure)
        context.fireErrorCaught(failure)
        linger(context)
    }

    /// Sends what is left, and waits for the peer's end before the channel closes: closing with
    /// bytes unread makes the kernel discard the last ones sent.
    private func linger(_ context: ChannelHandlerContext) {
        guard state != .closed else { return }
        guard engine.outboundBytes > 0 else { return finishClose(context) }
        schedule(context, after: Limits.closeTimeout) { $0.finishClose($1) }
        sendCiphertext(context)
        context.read()
    }

    /// The peer has closed: answers, and closes as soon as the answer is on its way.
    func answerClose(_ context: ChannelHandlerContext) {
        deliver(context)
        guard state == .established else { return }
        state = .closing
        engine.sendClose()
        dropWrites(ChannelError.ioOnClosedChannel)
        context.fireUserInboundEventTriggered(TLSUserEvent.shutdownCompleted)
        schedule(context, after: Limits.closeTimeout) { $0.finishClose($1) }
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { _ in self.finishClose(context) }
        sendCiphertext(context, promise: sent)
    }

    func finishClose(_ context: ChannelHandlerContext) {
        guard state != .closed else { return }
        state = .closed
        timer?.cancel()
        let promise = closePromise
        closePromise = nil
        context.close(mode: .all, promise: promise)
    }

    func schedule(
        _ context: ChannelHandlerContext,
        after time: TimeAmount,
        _ action: @escaping (TLSHandler, ChannelHandlerContext) -> Void
    ) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: time) { action(self, context) }
    }
}
