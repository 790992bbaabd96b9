import NIOCore
import RPC
import Synchronization
import Testing

@testable import LoadTest

/// Starts at planned instants, whatever is answered.
@Suite struct OpenLoadTests {
    /// The reason for an open load: one second's stall must show in every call that was due in it,
    /// not in the one call that happened to wait.
    @Test func aStallShowsInThePercentilesOfAllWhoWouldHaveWaited() async throws {
        let clock = JumpClock()
        let calls = Atomic<Int>(0)
        let plan = try LoadScene.plan(rate: 100, seconds: 3)
        let run = LoadRun(plan) { _ in
            let number = calls.add(1, ordering: .relaxed).newValue
            clock.advance(by: number == 100 ? .seconds(1) : .microseconds(100))
            return ByteBuffer()
        }
        let summary = LoadScene.summary(await run.run(by: clock), plan)
        #expect(summary.total.answered == 300)
        // A third of all calls was due during the stall and waited half a second on average.
        #expect((900_000...1_010_000).contains(summary.total.latency.us(at: 99)))
        #expect((200_000...600_000).contains(summary.total.latency.us(at: 80)))
        #expect(summary.total.latency.us(at: 50) < 200_000)
        // What each call took once it was under way says nothing of it but at the maximum.
        #expect(summary.total.service.us(at: 99) < 1_000)
        #expect(summary.total.service.us(at: 100) >= 1_000_000)
        #expect(summary.generator.lagMaxUs > 900_000)
    }

    @Test func whatCannotBeStartedIsAnErrorOfItsOwn() async throws {
        let gate = Gate()
        let plan = try LoadScene.plan(rate: 10, seconds: 1, underWayMax: 4)
        let run = LoadRun(plan) { _ in
            await gate.wait()
            return ByteBuffer()
        }
        async let recording = run.run(by: JumpClock())
        while run.sofar.total().notStarted < 6 { await Task.yield() }
        #expect(run.callsUnderWay == 4)
        gate.open()
        let summary = LoadScene.summary(await recording, plan)
        #expect(summary.total.planned == 10)
        #expect(summary.total.answered == 4)
        #expect(summary.total.notStarted == 6)
        #expect(summary.errors.map(\.code) == ["NOT_STARTED"])
        #expect(summary.errors.first?.count == 6)
        #expect(summary.total.errorShare == 0.6)
    }

    @Test func theWarmUpIsNotCounted() async throws {
        let plan = try LoadScene.plan(rate: 100, seconds: 3, warmUp: .seconds(1))
        let recording = await LoadRun(plan) { _ in ByteBuffer() }.run(by: JumpClock())
        let summary = LoadScene.summary(recording, plan)
        #expect(summary.warmUpCalls == 100)
        #expect(summary.total.planned == 200)
        #expect(summary.seconds == 2)
        #expect(summary.intervals.map(\.planned) == [100, 100])
    }

    @Test func lanesShareThePlanWithoutOverlap() async throws {
        let flows = Mutex<[UInt64]>([])
        let plan = try LoadScene.plan(rate: 100, seconds: 1, pattern: .poisson, lanes: 3)
        let count = Array(
            Arrivals(
                stages: [Arrivals.Stage(rate: 100, duration: .seconds(1))],
                pattern: .poisson,
                seed: 1
            )
        ).count
        _ = await LoadRun(plan) { request in
            flows.withLock { $0.append(request.flow) }
            return ByteBuffer()
        }.run(by: JumpClock())
        #expect(flows.withLock { $0.sorted() } == (1...UInt64(count)).map { $0 })
    }

    @Test func failuresAreCountedByCodeAndOnlyTimeoutsAreTimed() async throws {
        let calls = Atomic<Int>(0)
        let clock = JumpClock()
        let plan = try LoadScene.plan(rate: 10, seconds: 1)
        let run = LoadRun(plan) { _ in
            let number = calls.add(1, ordering: .relaxed).newValue
            if number == 3 { throw RPCError(.unavailable, "Busy.") }
            if number == 4 {
                clock.advance(by: .seconds(5))
                throw RPCError(.deadlineExceeded, "Too late.")
            }
            return ByteBuffer()
        }
        let summary = LoadScene.summary(await run.run(by: clock), plan)
        #expect(Set(summary.errors.map(\.code)) == ["UNAVAILABLE", "DEADLINE_EXCEEDED"])
        #expect(summary.total.failed == 2)
        #expect(summary.total.latency.count == 9)
        #expect(summary.total.latency.us(at: 100) >= 5_000_000)
        #expect(summary.errors.first { $0.code == "UNAVAILABLE" }?.example == "Busy.")
    }

    @Test func aStoppedRunStartsNoMore() async throws {
        let plan = try LoadScene.plan(rate: 100, seconds: 60)
        let stop = Mutex<(@Sendable () -> Void)?>(nil)
        let calls = Atomic<Int>(0)
        let run = LoadRun(plan) { _ in
            if calls.add(1, ordering: .relaxed).newValue == 50 { stop.withLock { $0?() } }
            return ByteBuffer()
        }
        stop.withLock { $0 = { run.stop() } }
        #expect(await run.run(by: JumpClock()).total().answered == 50)
    }

    @Test func aClosedLoadNeverHasMoreUnderWayThanAsked() async throws {
        let most = Mutex((now: 0, most: 0))
        var plan = try LoadScene.plan()
        plan.pace = .closed(inFlight: 4, duration: .seconds(1))
        let clock = JumpClock()
        let recording = await LoadRun(plan) { _ in
            most.withLock { state in
                state.now += 1
                state.most = max(state.most, state.now)
            }
            clock.advance(by: .milliseconds(10))
            await Task.yield()
            most.withLock { $0.now -= 1 }
            return ByteBuffer()
        }.run(by: clock)
        #expect(most.withLock { $0.most } <= 4)
        #expect(recording.total().answered >= 100)
    }
}

/// Holds calls until it is opened.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
