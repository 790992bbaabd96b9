import Dispatch
import Synchronization

/// A read or a write in a queue, whatever its closure answers.
protocol QueuedJob<Access>: AnyObject, Sendable {
    /// What the closure is given: a `Reader` or a `Transaction`.
    associatedtype Access

    /// Claims the job for running.
    ///
    /// - Parameter interrupt: ends the statement under way, should the job be cancelled while it
    ///   runs; `nil` if it is to be carried through.
    /// - Returns: `false` if the job was cancelled before.
    func begin(interrupt: (@Sendable () -> Void)?) -> Bool
    /// Runs the closure and keeps its answer, the last one if it is run again.
    func run(_ access: Access) throws
    /// Gives the caller what the closure answered.
    func succeed()
    /// Gives the caller an error instead.
    func fail(_ error: any Error)
}

/// A closure, its caller, and how far they have got.
final class Job<Access, Value: Sendable>: QueuedJob {
    typealias Caller = CheckedContinuation<Value, any Error>

    private enum State {
        /// Not handed over yet.
        case new
        /// In the queue; may become running, or over by cancellation.
        case waiting(Caller)
        /// The closure runs.
        case running(Caller, interrupt: (@Sendable () -> Void)?)
        /// The closure has answered; a write waits for its commit.
        case ran(Caller, Value)
        /// The caller has its answer, or was cancelled before it could wait.
        case over
    }

    private let body: @Sendable (Access) throws -> Value
    private let state = Mutex(State.new)

    init(_ body: @escaping @Sendable (Access) throws -> Value) {
        self.body = body
    }

    /// Waits for the closure's answer, once `enqueue` has put the job into a queue.
    func answer(_ enqueue: (Job) -> Void) async throws -> Value {
        try await withTaskCancellationHandler {
            try await answerInAnyCase(enqueue)
        } onCancel: {
            cancel()
        }
    }

    /// Waits for the closure's answer, also if the task is cancelled.
    func answerInAnyCase(_ enqueue: (Job) -> Void) async throws -> Value {
        try await withCheckedThrowingContinuation { caller in
            if wait(caller) { enqueue(self) }
        }
    }

    /// Takes the caller; `false`, and the caller answered, if it was cancelled already.
    private func wait(_ caller: Caller) -> Bool {
        let isWaiting = state.withLock { state in
            guard case .new = state else { return false }
            state = .waiting(caller)
            return true
        }
        if !isWaiting { caller.resume(throwing: CancellationError()) }
        return isWaiting
    }

    private func cancel() {
        let caller = state.withLock { state -> Caller? in
            switch state {
            case .new:
                state = .over
                return nil
            case .waiting(let caller):
                state = .over
                return caller
            case .running(_, let interrupt):
                guard let interrupt else { return nil }
                // Under the lock, so that the connection cannot be at the next job already.
                interrupt()
                // It ends statements that run, not one that is just about to: so again, until the
                // job is over.
                DispatchQueue.global().asyncAfter(
                    deadline: .now() + .milliseconds(Limits.interruptAgainMs)
                ) { self.cancel() }
                return nil
            case .ran, .over:
                return nil
            }
        }
        caller?.resume(throwing: CancellationError())
    }

    func begin(interrupt: (@Sendable () -> Void)?) -> Bool {
        state.withLock { state in
            guard case .waiting(let caller) = state else { return false }
            state = .running(caller, interrupt: interrupt)
            return true
        }
    }

    func run(_ access: Access) throws {
        let value = try body(access)
        state.withLock { state in
            switch state {
            case .running(let caller, _), .ran(let caller, _): state = .ran(caller, value)
            case .new, .waiting, .over: break
            }
        }
    }

    func succeed() {
        let answer = state.withLock { state -> (Caller, Value)? in
            guard case .ran(let caller, let value) = state else { return nil }
            state = .over
            return (caller, value)
        }
        if let (caller, value) = answer { caller.resume(returning: value) }
    }

    func fail(_ error: any Error) {
        let caller = state.withLock { state -> Caller? in
            switch state {
            case .waiting(let caller), .running(let caller, _), .ran(let caller, _):
                state = .over
                return caller
            case .new, .over:
                return nil
            }
        }
        caller?.resume(throwing: error)
    }
}
