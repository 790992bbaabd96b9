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
