import Synchronization

/// Tells whether the server, and each of its services, can do its work.
final class HealthService: HealthServer {
    private struct State {
        /// By service; "" for the whole server.
        var statuses: [String: ServingStatus]
        var isStopping = false
        var watchers: [Int: Watcher] = [:]
        var lastWatcher = 0
    }

    private struct Watcher {
        let service: String
        let changes: AsyncStream<ServingStatus>.Continuation
    }

    private let state: Mutex<State>

    init(services: [String]) {
        var statuses = ["": ServingStatus.serving]
        for service in services { statuses[service] = .serving }
        state = Mutex(State(statuses: statuses))
    }

    /// Changes what is told of one service, or of the whole server ("").
    ///
    /// No effect once the server stops.
    func set(_ status: ServingStatus, _ service: String) {
        state.withLock { state in
            guard !state.isStopping else { return }
            state.statuses[service] = status
            for watcher in state.watchers.values where watcher.service == service {
                watcher.changes.yield(status)
            }
        }
    }

    /// Everything is NOT_SERVING from now on; watchers hear of it, and that nothing follows.
    func stop() {
        let watchers = state.withLock { state in
            state.isStopping = true
            for service in state.statuses.keys { state.statuses[service] = .notServing }
            defer { state.watchers = [:] }
            return state.watchers.values.map(\.changes)
        }
        for watcher in watchers {
            watcher.yield(.notServing)
            watcher.finish()
        }
    }

    /// Answers the state now.
    func check(
        _ request: HealthCheckRequest,
        _ call: CallContext
    ) async throws -> HealthCheckResponse {
        guard let status = state.withLock({ $0.statuses[request.service] }) else {
            throw RPCError(.notFound, "This server has no service of that name.")
        }
        return HealthCheckResponse(status: status)
    }

    /// Sends the state now and each time it changes, until the caller or the server stops.
    func watch(
        _ request: HealthCheckRequest,
        _ responses: ResponseWriter<HealthCheckResponse>,
        _ call: CallContext
    ) async throws {
        // Only the last change matters to one who reads slowly.
        let (changes, continuation) = AsyncStream.makeStream(
            of: ServingStatus.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let number = begin(Watcher(service: request.service, changes: continuation))
        defer { state.withLock { state in state.watchers[number] = nil } }
        var last: ServingStatus?
        for await status in changes where status != last {
            try await responses.write(HealthCheckResponse(status: status))
            last = status
        }
        try Task.checkCancellation()
        throw RPCError(.unavailable, "The server is stopping.")
    }

    private func begin(_ watcher: Watcher) -> Int {
        state.withLock { state in
            watcher.changes.yield(state.statuses[watcher.service] ?? .serviceUnknown)
            if state.isStopping {
                watcher.changes.finish()
            } else {
                state.lastWatcher += 1
                state.watchers[state.lastWatcher] = watcher
            }
            return state.lastWatcher
        }
    }
}
