import Dispatch
import Synchronization

/// A few threads of its own for work that keeps a core busy for long: password hashes.
///
/// As many jobs run at once as there are workers, so that sign-ins never take the cores from
/// everything else; a bounded queue waits, and whoever finds it full is told to come back. A job
/// whose caller gave up leaves the queue without having run.
final class HashPool: Sendable {
    private let workers: [DispatchQueue]
    private let waitingMax: Int
    private let state: Mutex<State>

    private struct State {
        var idle: [Int]
        var waiting: [Job] = []
        var nextID: UInt64 = 0
    }

    private struct Job: Sendable {
        let id: UInt64
        /// Does the work; what it returns tells the caller.
        let run: @Sendable () -> @Sendable () -> Void
        let cancel: @Sendable () -> Void
    }

    /// A pool of `workers` threads and at most `waitingMax` jobs that wait for one of them.
    init(workers count: Int, waitingMax: Int) {
        precondition(count > 0 && waitingMax >= 0)
        // Serial queues have threads beside those of Swift's own pool.
        workers = (0..<count).map { DispatchQueue(label: "accounts.hash.\($0)") }
        self.waitingMax = waitingMax
        state = Mutex(State(idle: Array(0..<count)))
    }

    /// How many jobs wait at this moment.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Runs `work` on one of the pool's threads.
    ///
    /// - Throws: `AccountsError.busy` if the queue is full; `CancellationError` if the task was
    ///   cancelled before the work began; what `work` throws.
    func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let job = Job(
                    id: id,
                    run: {
                        let result = Result(catching: work)
                        return { continuation.resume(with: result) }
                    },
                    cancel: { continuation.resume(throwing: CancellationError()) }
                )
                if !admit(job) { continuation.resume(throwing: AccountsError.busy) }
                // The handler may have run before there was a job to find.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Starts the job or lets it wait; `false` if there is no room.
    private func admit(_ job: Job) -> Bool {
        let admission: Admission = state.withLock { state in
            if let worker = state.idle.popLast() { return .starts(worker) }
            guard state.waiting.count < waitingMax else { return .refused }
            state.waiting.append(job)
            return .waits
        }
        if case .starts(let worker) = admission { start(job, on: worker) }
        return admission != .refused
    }

    private enum Admission: Equatable {
        case starts(Int)
        case waits
        case refused
    }

    private func start(_ job: Job, on worker: Int) {
        workers[worker].async {
            let answer = job.run()
            // Before the answer: whoever has it finds the worker free again.
            self.next(on: worker)
            answer()
        }
    }

    private func next(on worker: Int) {
        let job: Job? = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.idle.append(worker)
                return nil
            }
            return state.waiting.removeFirst()
        }
        if let job { start(job, on: worker) }
    }

    private func cancel(_ id: UInt64) {
        let job: Job? = state.withLock { state in
            guard let index = state.waiting.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiting.remove(at: index)
        }
        job?.cancel()
    }
}
