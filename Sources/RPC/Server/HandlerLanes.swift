import NIOCore

/// Runs the handlers of the calls on one event loop, each in a task that serves one call after the
/// other.
///
/// A task for each call costs a server as much as all else that it does for a small one. A lane
/// that waits costs its next call a resumption, and keeps the memory that its handlers need.
///
/// Safety: touched on its event loop only.
final class HandlerLanes: @unchecked Sendable {
    let executor: EventLoopExecutor
    private var idle: [HandlerLane] = []
    /// Connections that may bring a next call.
    private var connections = 0

    init(_ eventLoop: any EventLoop) {
        executor = EventLoopExecutor(eventLoop: eventLoop)
    }

    func connectionOpened() { connections += 1 }

    /// With the last connection the lanes end: nobody would give them a call any more.
    func connectionClosed() {
        connections -= 1
        guard connections == 0 else { return }
        let ending = idle
        idle = []
        for lane in ending { lane.end() }
    }

    /// Starts the handler of a call, and returns when it first waits or has returned.
    func run(_ call: ServerCall) {
        if let lane = idle.popLast() {
            lane.serve(call)
        } else {
            HandlerLane(self).begin(with: call)
        }
    }

    /// A lane has nothing to do.
    ///
    /// - Returns: Whether it is to wait for a next call.
    fileprivate func keep(_ lane: HandlerLane) -> Bool {
        guard connections > 0, idle.count < Limits.idleLanesMax else { return false }
        idle.append(lane)
        return true
    }
}

/// A task that serves calls.
///
/// Safety: touched on the event loop of its lanes only.
final class HandlerLane: @unchecked Sendable {
    private let lanes: HandlerLanes
    private var task: Task<Void, Never>?
    private var call: ServerCall?
    private var next: UnsafeContinuation<Void, Never>?
    private var isCancelled = false
    private var isEnding = false
    /// Of the call that is at work.
    private let deadline = InheritedDeadline()

    fileprivate init(_ lanes: HandlerLanes) {
        self.lanes = lanes
    }

    /// Starts with a first call.
    ///
    /// Unstructured, because a call's life is its stream's: its connection cancels the handler on
    /// RESET, deadline and loss, and waits for it before it frees the slot. Immediate, so that a
    /// handler that does not wait has answered before the next frame. Detached, because calls to
    /// come must not inherit what is local to a task that happens to run now.
    fileprivate func begin(with call: ServerCall) {
        self.call = call
        call.lane = self
        let task = Task.immediateDetached(executorPreference: lanes.executor) {
            await InheritedDeadline.$current.withValue(deadline) { await work() }
        }
        self.task = task
        if isCancelled { task.cancel() }
    }

    fileprivate func serve(_ call: ServerCall) {
        self.call = call
        call.lane = self
        wake()
    }

    fileprivate func end() {
        isEnding = true
        wake()
    }

    private func wake() {
        // One that is about to wait sees by itself that it need not.
        guard let next else { return }
        self.next = nil
        lanes.executor.runAtOnce { next.resume() }
    }

    /// Cancels the handler that is at work; the lane then serves no other.
    func cancel() {
        isCancelled = true
        task?.cancel()
    }

    private func work() async {
        while true {
            do {
                guard let call else { return }
                self.call = nil
                deadline.set(call.deadline)
                await call.handle()
                guard call.eventLoop.inEventLoop else {
                    call.eventLoop.execute { call.returned() }
                    return
                }
                call.returned()
            }
            guard !isCancelled, lanes.keep(self) else { return }
            // Safety: resumed once, by the next call or by the end of the last connection.
            await withUnsafeContinuation { continuation in
                if call == nil, !isEnding {
                    next = continuation
                } else {
                    continuation.resume()
                }
            }
        }
    }
}
