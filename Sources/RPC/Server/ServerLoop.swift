import NIOCore

/// What the connections of a server on one event loop have in common, so that they count without
/// locks.
///
/// Safety: touched on its event loop only.
final class ServerLoop: @unchecked Sendable {
    let eventLoop: any EventLoop
    private let budget: BufferBudget
    private var unreported = 0

    init(_ eventLoop: any EventLoop, budget: BufferBudget) {
        self.eventLoop = eventLoop
        self.budget = budget
    }

    /// A connection holds so many bytes more, or less.
    func hold(_ bytes: Int) {
        unreported += bytes
        if abs(unreported) >= budget.step { report() }
    }

    /// Tells the budget what it has not heard yet.
    func report() {
        let bytes = unreported
        unreported = 0
        budget.add(bytes)
    }
}
