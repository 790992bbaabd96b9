import NIOCore

/// The one timer of a connection, set to the earliest of all that is due on it.
///
/// It may fire early, when what it was set for is over: whoever set it looks and sets it anew. So a
/// call whose deadline is later than that of another costs no timer at all.
struct ConnectionTimer {
    private var scheduled: Scheduled<Void>?
    private var time = NIODeadline.distantFuture

    /// Sees to it that `fire` runs at `wake` or before.
    mutating func arm(
        _ wake: NIODeadline,
        on eventLoop: any EventLoop,
        _ fire: @escaping @Sendable () -> Void
    ) {
        guard wake < time else { return }
        scheduled?.cancel()
        time = wake
        scheduled = eventLoop.scheduleTask(deadline: wake, fire)
    }

    /// The timer has fired.
    mutating func fired() {
        scheduled = nil
        time = .distantFuture
    }

    /// Nothing is due any more.
    mutating func cancel() {
        scheduled?.cancel()
        fired()
    }
}
