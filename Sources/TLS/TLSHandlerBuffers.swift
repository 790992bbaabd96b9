import NIOCore

// Memory for speed: a busy connection keeps its buffers, all others give them back at once.

extension TLSHandler {
    /// A batch of reads has been dealt with.
    ///
    /// Counts alone, so that a quiet connection needs no timer.
    func noteBatch(_ context: ChannelHandlerContext) {
        batches += 1
        guard look == nil, batches >= Limits.busyBatches, state == .established else { return }
        batches = 0
        engine.keepBuffers(true)
        scheduleLook(context)
    }

    private func scheduleLook(_ context: ChannelHandlerContext) {
        look = context.eventLoop.assumeIsolated().scheduleTask(in: Limits.busyTime) {
            self.look = nil
            let isBusy = self.batches >= Limits.busyBatches
            self.batches = 0
            guard self.state == .established else { return }
            if isBusy { return self.scheduleLook(context) }
            self.engine.keepBuffers(false)
            self.releasePlaintext()
        }
    }
}
