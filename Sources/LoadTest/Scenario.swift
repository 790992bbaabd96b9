import ClientKit
public import RPC

/// Flows of real people, their weights and their rate, as a YAML file says.
public struct Scenario: Sendable {
    /// What it is called.
    public var title: String
    /// Where calls go.
    public var way: Way
    /// Flows a second, one stage after the other.
    public var stages: [Arrivals.Stage]
    /// How flows follow each other.
    public var pattern: Arrivals.Pattern
    /// The first part of the run, which is not counted.
    public var warmUp: Duration
    /// The longest a call may take; `nil`: as long as its method says.
    public var timeout: Duration?
    /// Connections to each process; `nil`: one per processor.
    public var connections: Int?
    /// Young people in the population.
    public var youngPeople: Int
    /// Whose population, data and instants.
    public var seed: UInt64
    /// How many people of each role have sessions.
    public var people: Int
    /// What ends the run with exit code 99.
    public var failIf: [Objective]
    let flows: [FlowDraft]

    /// A flow whose requests are not made yet.
    struct FlowDraft: Sendable {
        let name: String
        let weight: Double
        let role: Persona
        let steps: [StepDraft]
    }

    /// A step whose requests are not made yet, and where it stands in the file.
    struct StepDraft: Sendable {
        let method: MethodDescriptor
        let template: Template
        let captures: [Capture]
        let pause: ClosedRange<Duration>?
        let chance: Double
        /// Where its data stands, for when that turns out to be no request.
        let line: Int
        let field: String
    }

    /// Every role that someone calls in.
    public var roles: Set<Persona> { Set(flows.map(\.role)) }

    /// Every method that is called, with the role that calls it.
    public var calls: [(method: MethodDescriptor, role: Persona)] {
        flows.flatMap { flow in flow.steps.map { ($0.method, flow.role) } }
    }

    /// How long flows are started, the warm-up included.
    public var duration: Duration {
        .seconds(exactly: stages.reduce(0) { $0 + $1.seconds })
    }

    /// Multiplies all rates.
    public mutating func scale(by factor: Double) {
        for index in stages.indices { stages[index].rate *= factor }
    }

    /// Stretches or shortens all stages alike, so that all take `duration`.
    public mutating func last(_ duration: Duration) {
        let factor = duration.inSeconds / self.duration.inSeconds
        for index in stages.indices { stages[index].seconds *= factor }
    }

    /// The flows with their requests.
    ///
    /// - Throws: `ScenarioFault` for data that is no request of its method.
    public func workload(cast: Cast, nowMs: Int64) throws(ScenarioFault) -> Workload {
        var names: [String] = []
        var flows: [Flow] = []
        for draft in self.flows {
            var steps: [Step] = []
            for step in draft.steps {
                let name = step.method.shortName
                let index = names.firstIndex(of: name) ?? names.count
                if index == names.count { names.append(name) }
                let requests: RequestMaker
                do {
                    requests = try RequestMaker(
                        step.method,
                        step.template,
                        role: draft.role,
                        cast: cast,
                        seed: seed,
                        nowMs: nowMs
                    )
                } catch {
                    throw ScenarioFault(line: step.line, field: step.field, fault: "\(error)")
                }
                steps.append(
                    Step(
                        index: index,
                        method: step.method,
                        requests: requests,
                        captures: step.captures,
                        pause: step.pause,
                        chance: step.chance
                    )
                )
            }
            flows.append(
                Flow(name: draft.name, weight: draft.weight, role: draft.role, steps: steps)
            )
        }
        return Workload(flows: flows, stepNames: names)
    }
}
