@testable import Accounts
import Dispatch
import Synchronization
import Testing

/// The pool that keeps hashes from taking every core.
@Suite(.timeLimit(.minutes(1))) struct HashPoolTests {
    @Test func theQueueIsBoundedAndTheRestIsBusy() async throws {
        let pool = HashPool(workers: 1, waitingMax: 1)
        let gate = Gate()
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask { try await pool.run { gate.pass(1) } }
            await gate.reached()
            // The only worker is at the gate: one more may wait, a third is refused.
            group.addTask { try await pool.run { 2 } }
            while pool.waitingCount == 0 { await Task.yield() }
            await #expect(throws: AccountsError.busy) { try await pool.run { 3 } }
            gate.open()
            var results: Set<Int> = []
            for try await result in group { results.insert(result) }
            #expect(results == [1, 2])
        }
        #expect(try await pool.run { 4 } == 4)
    }

    @Test func whoeverGivesUpLeavesTheQueue() async throws {
        let pool = HashPool(workers: 1, waitingMax: 4)
        let gate = Gate()
        let flag = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await pool.run { gate.pass(1) } }
            await gate.reached()
            await withTaskGroup(of: Void.self) { waiting in
                waiting.addTask {
                    await #expect(throws: CancellationError.self) {
                        try await pool.run { flag.raise() }
                    }
                }
                while pool.waitingCount == 0 { await Task.yield() }
                waiting.cancelAll()
            }
            #expect(pool.waitingCount == 0)
            gate.open()
            try await group.waitForAll()
        }
        #expect(!flag.isRaised)
    }

    @Test func errorsOfTheWorkReachTheCaller() async throws {
        let pool = HashPool(workers: 1, waitingMax: 0)
        await #expect(throws: Scrypt.Failure.self) {
            try await pool.run { throw Scrypt.Failure() }
        }
        #expect(try await pool.run { 1 } == 1)
    }
}

/// Tells whether something happened.
private final class Flag: Sendable {
    private let state = Mutex(false)

    var isRaised: Bool { state.withLock { $0 } }

    func raise() { state.withLock { $0 = true } }
}

/// Holds a worker until the test lets it go on.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let arrivals: AsyncStream<Void>
    private let arrival: AsyncStream<Void>.Continuation

    init() { (arrivals, arrival) = AsyncStream.makeStream() }

    /// Called by the worker.
    func pass<Value>(_ value: Value) -> Value {
        arrival.yield()
        semaphore.wait()
        return value
    }

    /// Waits until the worker is here.
    func reached() async {
        for await _ in arrivals { return }
    }

    func open() { semaphore.signal() }
}
