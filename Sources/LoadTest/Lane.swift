import ClientKit
import NIOCore
import RPC
import Synchronization

/// The part of a run that one event loop makes.
///
/// Generic over the clock, so that tests decide what time it is.
struct Lane<Time: Clock>: Sendable where Time.Duration == Duration {
    let plan: LoadPlan
    /// Which of the lanes it is.
    let number: Int
    let clock: Time
    /// The beginning of the run, the same for all lanes.
    let start: Time.Instant
    let state: LaneState
    let transport: Transport

    /// Starts flows when the plan says so, whatever became of earlier ones, and waits for all.
    ///
    /// A start that comes late keeps its planned instant: what its caller would have waited counts.
    func runOpen(_ arrivals: Arrivals) async {
        await withDiscardingTaskGroup { group in
            var burst = 0
            var flow = 0
            for planned in arrivals {
                flow += 1
                guard flow % plan.lanes == number else { continue }
                if elapsed < planned {
                    await sleep(until: planned)
                    burst = 0
                } else if burst == Limits.burstMax {
                    // Behind: answers must be read all the same.
                    await Task.yield()
                    burst = 0
                }
                if state.isStopped { return }
                burst += 1
                let flow = UInt64(flow)
                guard state.enterFlow() else {
                    refuse(flow, planned)
                    continue
                }
                // Immediate: the call leaves now, on this thread.
                group.addImmediateTask {
                    await run(flow, planned: planned)
                    state.leaveFlow()
                }
            }
        }
    }

    /// Starts a flow as soon as the one before has ended, `inFlight` of them at a time.
    func runClosed(inFlight: Int, until end: Duration) async {
        await withDiscardingTaskGroup { group in
            for _ in 0..<inFlight {
                group.addTask {
                    while !state.isStopped {
                        let now = elapsed
                        guard now < end else { return }
                        await run(state.nextFlow(lanes: plan.lanes, lane: number), planned: now)
                    }
                }
            }
        }
    }

    /// The time since the run began.
    private var elapsed: Duration { start.duration(to: clock.now) }

    /// Sleeps in naps, so that a stop is noticed.
    private func sleep(until instant: Duration) async {
        while !state.isStopped {
            let now = elapsed
            guard now < instant else { return }
            let nap = min(instant, now + Limits.napMax)
            try? await clock.sleep(until: start.advanced(by: nap), tolerance: .zero)
            if Task.isCancelled { return }
        }
    }

    /// Notes a flow that could not be started by its first call.
    private func refuse(_ number: UInt64, _ planned: Duration) {
        var random = SeededGenerator(seed: plan.seed, stream: number)
        guard let step = plan.workload.flow(&random).steps.first else { return }
        noteNotStarted(step, planned)
    }

    private func noteNotStarted(_ step: Step, _ planned: Duration) {
        let now = elapsed
        state.recorder.note(
            Sample(
                step: step.index,
                planned: planned,
                started: now,
                ended: now,
                outcome: .notStarted
            )
        )
    }

    /// Makes the calls of one flow, one after the other; a failed one ends it.
    private func run(_ number: UInt64, planned: Duration) async {
        var random = SeededGenerator(seed: plan.seed, stream: number)
        let flow = plan.workload.flow(&random)
        var scene = Scene(
            cast: plan.cast,
            role: flow.role,
            number: number,
            nowMs: plan.nowMs + planned.nanoseconds / 1_000_000,
            random: random,
            ids: SeededGenerator(seed: plan.run, stream: number)
        )
        let metadata = plan.cast.metadata(scene.actor)
        var due = planned
        for step in flow.steps {
            // The run ends for all at once; whoever is in the middle of something leaves it.
            if due >= plan.duration { return }
            if step.chance < 1, scene.random.unit() >= step.chance { continue }
            if let pause = step.pause {
                due += pause.draw(&scene.random)
                if due >= plan.duration { return }
                await sleep(until: due)
                if state.isStopped { return }
            }
            guard step.requests.captures.allSatisfy({ scene.captured[$0] != nil }) else {
                state.recorder.noteSkipped(planned: due)
                continue
            }
            guard await call(step, due, number, metadata, &scene) else { return }
            due = elapsed
        }
    }

    /// Makes one call and notes what became of it; `false` if the flow cannot go on.
    private func call(
        _ step: Step,
        _ due: Duration,
        _ flow: UInt64,
        _ metadata: Metadata,
        _ scene: inout Scene
    ) async -> Bool {
        guard state.enterCall() else {
            noteNotStarted(step, due)
            return false
        }
        defer { state.leaveCall() }
        var sample = Sample(
            step: step.index,
            planned: due,
            started: elapsed,
            ended: .zero,
            outcome: .answered
        )
        defer { state.recorder.note(sample) }
        do {
            let answer = try await transport(
                CallRequest(
                    method: step.method,
                    payload: try step.requests.request(&scene),
                    role: scene.actor.role,
                    metadata: metadata,
                    timeout: plan.timeout,
                    flow: flow,
                    lane: number
                )
            )
            sample.ended = elapsed
            try capture(step, answer, &scene)
            return true
        } catch {
            if sample.ended == .zero { sample.ended = elapsed }
            let failure = error as? RPCError ?? RPCError(.unknown, "\(error)")
            sample.outcome = .failed(failure.code, failure.message)
            return false
        }
    }

    private func capture(_ step: Step, _ answer: ByteBuffer, _ scene: inout Scene) throws {
        guard !step.captures.isEmpty else { return }
        let bytes = Array(answer.readableBytesView)
        let message = try step.method.response.init(serializedBytes: bytes)
        let json = try JSONValue(json: try message.jsonString())
        for capture in step.captures {
            scene.captured[capture.name] = capture.value(in: json, &scene.random)
        }
    }
}

/// What the flows of a lane share: figures, and bounds on what is under way.
final class LaneState: Sendable {
    let recorder: Recorder
    private let callsMax: Int
    private let flowsMax: Int
    private let calls = Atomic<Int>(0)
    private let flows = Atomic<Int>(0)
    private let started = Atomic<UInt64>(0)
    private let stopped = Atomic<Bool>(false)

    init(recorder: Recorder, callsMax: Int, flowsMax: Int) {
        self.recorder = recorder
        self.callsMax = callsMax
        self.flowsMax = flowsMax
    }

    /// How many calls are under way.
    var callsUnderWay: Int { calls.load(ordering: .relaxed) }

    /// Whether no more is to be started.
    var isStopped: Bool { stopped.load(ordering: .relaxed) }

    func stop() { stopped.store(true, ordering: .relaxed) }

    func enterCall() -> Bool { Self.enter(calls, callsMax) }
    func leaveCall() { calls.subtract(1, ordering: .relaxed) }
    func enterFlow() -> Bool { Self.enter(flows, flowsMax) }
    func leaveFlow() { flows.subtract(1, ordering: .relaxed) }

    /// A number for a flow that no other flow of any lane has.
    func nextFlow(lanes: Int, lane: Int) -> UInt64 {
        let turn = started.add(1, ordering: .relaxed).oldValue
        return turn * UInt64(lanes) + UInt64(lane) + 1
    }

    private static func enter(_ count: borrowing Atomic<Int>, _ max: Int) -> Bool {
        let now = count.add(1, ordering: .relaxed).newValue
        guard now > max else { return true }
        count.subtract(1, ordering: .relaxed)
        return false
    }
}

extension ClosedRange where Bound == Duration {
    /// A span of the range, all alike likely.
    func draw(_ random: inout SeededGenerator) -> Duration {
        let span = Double((upperBound - lowerBound).nanoseconds)
        return lowerBound + .nanoseconds(Int64(span * random.unit()))
    }
}
