import Contracts
import RPC
import ServiceKit
import Storage
import Synchronization

/// A service's real feed behind a switch that takes the service away and brings it back.
final class FeedGate: FeedServer {
    private struct State {
        var database: Database
        var isUp = true
        var calls: [Int: AsyncStream<Never>.Continuation] = [:]
        var lastCall = 0
    }

    static let down = RPCError(.unavailable, "Nobody is there.")
    private let state: Mutex<State>

    init(_ database: Database) {
        state = Mutex(State(database: database))
    }

    var database: Database { state.withLock { $0.database } }

    var isUp: Bool { state.withLock { $0.isUp } }

    /// How many calls there have been, and how many are under way.
    var calls: (all: Int, underWay: Int) { state.withLock { ($0.lastCall, $0.calls.count) } }

    /// Ends the calls under way and refuses new ones.
    func goDown() {
        let calls = state.withLock { state in
            state.isUp = false
            return Array(state.calls.values)
        }
        for call in calls { call.finish() }
    }

    /// Answers again, from another database if one is given.
    func comeUp(_ database: Database? = nil) {
        state.withLock { state in
            state.isUp = true
            state.database = database ?? state.database
        }
    }

    func watch(
        _ request: WatchFeedRequest,
        _ responses: ResponseWriter<ChangeBatch>,
        _ call: CallContext
    ) async throws {
        let (ended, end) = AsyncStream<Never>.makeStream()
        let entered = state.withLock { state -> (Database, Int)? in
            guard state.isUp else { return nil }
            state.lastCall += 1
            state.calls[state.lastCall] = end
            return (state.database, state.lastCall)
        }
        guard let (database, number) = entered else { throw Self.down }
        defer { state.withLock { _ = $0.calls.removeValue(forKey: number) } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await FeedService(database: database).watch(request, responses, call)
            }
            group.addTask {
                for await _ in ended {}
                throw Self.down
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

/// What streams wait for between two signs of life: the test's word.
final class Pulse: Sendable {
    private struct State {
        var lastID = 0
        var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
        var isCancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    /// Lets everyone go on who waits now.
    func beat() {
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
