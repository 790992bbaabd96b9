import Synchronization

/// What streams wait for between two signs of life: the test's word.
final class Pulse: Sendable {
    private struct State {
        var lastID = 0
        var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
        var isCancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    /// Beats until cancelled.
    ///
    /// A beat is lost on a stream that does not wait at that moment, so one alone wakes nobody for
    /// certain.
    func keepBeating() async throws {
        while true {
            beat()
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Beats while `body` runs.
    func beating<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.keepBeating() }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    private func beat() {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async throws {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if state.isCancelled.remove(id) != nil { return true }
                    state.waiting[id] = continuation
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                let waiting = state.waiting.removeValue(forKey: id)
                if waiting == nil { state.isCancelled.insert(id) }
                return waiting
            }
            waiting?.resume(throwing: CancellationError())
        }
    }
}
