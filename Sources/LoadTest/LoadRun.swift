public import NIOCore
import RPC

/// Makes the calls of a plan.
public struct LoadRun: Sendable {
    private let plan: LoadPlan
    private let transport: Transport
    private let states: [LaneState]

    /// Prepares a run.
    public init(_ plan: LoadPlan, transport: @escaping Transport) {
        self.plan = plan
        self.transport = transport
        let share = (plan.underWayMax + plan.lanes - 1) / plan.lanes
        states = (0..<plan.lanes).map { _ in
            LaneState(
                recorder: Recorder(
                    Recording(
                        steps: plan.workload.stepNames.count,
                        warmUp: plan.warmUp,
                        duration: plan.duration - plan.warmUp
                    )
                ),
                callsMax: share,
                flowsMax: Limits.flowsUnderWayMax / plan.lanes
            )
        }
    }

    /// Runs the plan, a lane on each of `loops`, and waits for the last answer.
    ///
    /// - Returns: the figures.
    public func run(on loops: [any EventLoop]) async -> Recording {
        precondition(loops.count == plan.lanes, "each lane has a loop of its own")
        let start = LoopClock(loops[0]).now
        await withDiscardingTaskGroup { group in
            for (number, loop) in loops.enumerated() {
                let executor = EventLoopExecutor(eventLoop: loop)
                group.addTask(executorPreference: executor) {
                    await runLane(number, clock: LoopClock(loop), start: start)
                }
            }
        }
        return sofar
    }

    /// Runs one lane after the other by a clock of one's own; for tests.
    func run<Time: Clock>(by clock: Time) async -> Recording where Time.Duration == Duration {
        let start = clock.now
        for number in 0..<plan.lanes { await runLane(number, clock: clock, start: start) }
        return sofar
    }

    /// Starts no more; what is under way may end.
    public func stop() {
        for state in states { state.stop() }
    }

    /// The figures so far.
    public var sofar: Recording {
        var all = states[0].recorder.sofar
        for state in states.dropFirst() { all.add(state.recorder.sofar) }
        return all
    }

    /// How many calls are under way.
    public var callsUnderWay: Int { states.reduce(0) { $0 + $1.callsUnderWay } }

    private func runLane<Time: Clock>(
        _ number: Int,
        clock: Time,
        start: Time.Instant
    ) async where Time.Duration == Duration {
        let lane = Lane(
            plan: plan,
            number: number,
            clock: clock,
            start: start,
            state: states[number],
            transport: transport
        )
        switch plan.pace {
        case .open(let arrivals):
            await lane.runOpen(arrivals)
        case .closed(let inFlight, let duration):
            let share = inFlight / plan.lanes + (number < inFlight % plan.lanes ? 1 : 0)
            await lane.runClosed(inFlight: share, until: duration)
        }
    }
}
