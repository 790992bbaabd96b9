import ClientKit
import RPC

extension Scenario {
    /// Reads a scenario file.
    ///
    /// - Throws: `ScenarioFault` with line and field.
    public init(yaml: String) throws(ScenarioFault) {
        let root = try ScenarioNode(yaml: yaml)
        let members = try root.members([
            "title", "through", "population", "people", "connections", "arrivals", "warm_up",
            "timeout", "rate", "duration", "stages", "fail_if", "flows",
        ])
        let population = try members["population"]?.members(["young_people", "seed"]) ?? [:]
        title = try Self.required("title", members, root).text()
        way = try members["through"]?.oneOf(Way.self) ?? .gateway
        pattern = try members["arrivals"]?.oneOf(Arrivals.Pattern.self) ?? .poisson
        warmUp = try members["warm_up"]?.duration() ?? .zero
        timeout = try members["timeout"]?.duration()
        connections = try members["connections"]?.integer(1...Limits.connectionsMax)
        youngPeople =
            try population["young_people"]?.integer(1...Population.youngPeopleMax) ?? 400_000
        seed = UInt64(try population["seed"]?.integer(0...Int.max) ?? 1)
        people = try members["people"]?.integer(1...Population.youngPeopleMax) ?? 100
        stages = try Self.stages(members, root)
        failIf = try Self.objectives(members["fail_if"])
        var flows: [FlowDraft] = []
        for node in try Self.required("flows", members, root).elements() {
            flows.append(try FlowDraft(node))
        }
        guard !flows.isEmpty else { throw root.fault("flows: Must hold at least one flow.") }
        self.flows = flows
        guard warmUp < duration else {
            throw (members["warm_up"] ?? root).fault("Must be shorter than the whole run.")
        }
        try checkObjectives(members["fail_if"] ?? root)
    }

    fileprivate static func required(
        _ name: String,
        _ members: [String: ScenarioNode],
        _ node: ScenarioNode
    ) throws(ScenarioFault) -> ScenarioNode {
        guard let member = members[name] else { throw node.fault("\(name) is missing.") }
        return member
    }

    private static func stages(
        _ members: [String: ScenarioNode],
        _ root: ScenarioNode
    ) throws(ScenarioFault) -> [Arrivals.Stage] {
        if let list = members["stages"] {
            guard members["rate"] == nil, members["duration"] == nil else {
                throw list.fault("Give either stages, or rate and duration.")
            }
            var stages: [Arrivals.Stage] = []
            for node in try list.elements() {
                stages.append(try stage(node, try node.members(["rate", "for"]), "for"))
            }
            guard stages.contains(where: { $0.rate > 0 }) else {
                throw list.fault("Must hold at least one stage with a rate above 0.")
            }
            return stages
        }
        let stage = try stage(root, members, "duration")
        guard stage.rate > 0 else { throw (members["rate"] ?? root).fault("Must be above 0.") }
        return [stage]
    }

    private static func stage(
        _ node: ScenarioNode,
        _ members: [String: ScenarioNode],
        _ time: String
    ) throws(ScenarioFault) -> Arrivals.Stage {
        let rate = try required("rate", members, node).number(0...Limits.rateMax)
        let duration = try required(time, members, node)
        let span = try duration.duration()
        guard span > .zero else { throw duration.fault("Must be above 0.") }
        return Arrivals.Stage(rate: rate, duration: span)
    }

    private static func objectives(
        _ node: ScenarioNode?
    ) throws(ScenarioFault) -> [Objective] {
        var objectives: [Objective] = []
        for element in try node?.elements() ?? [] {
            do {
                objectives.append(try Objective(try element.text()))
            } catch let fault as ScenarioFault {
                throw fault
            } catch {
                throw element.fault("\(error)")
            }
        }
        return objectives
    }

    /// An objective about a method that no flow calls would be about nothing.
    private func checkObjectives(_ node: ScenarioNode) throws(ScenarioFault) {
        let names = Set(calls.map(\.method.shortName))
        for objective in failIf {
            guard let step = objective.step, !names.contains(step) else { continue }
            throw node.fault("\"\(objective.text)\": no flow calls \(step).")
        }
    }
}

extension Scenario.FlowDraft {
    fileprivate init(_ node: ScenarioNode) throws(ScenarioFault) {
        let members = try node.members(["name", "weight", "as", "steps"])
        name = try Scenario.required("name", members, node).text()
        weight = try members["weight"]?.number(0.001...1e6) ?? 1
        role = try Scenario.required("as", members, node).oneOf(Persona.self)
        let list = try Scenario.required("steps", members, node)
        var steps: [Scenario.StepDraft] = []
        var captured: Set<String> = []
        for node in try list.elements() {
            let step = try Scenario.StepDraft(node, role, captured)
            captured.formUnion(step.captures.map(\.name))
            steps.append(step)
        }
        guard !steps.isEmpty else { throw list.fault("Must hold at least one step.") }
        self.steps = steps
    }
}

extension Scenario.StepDraft {
    fileprivate init(
        _ node: ScenarioNode,
        _ role: Persona,
        _ captured: Set<String>
    ) throws(ScenarioFault) {
        let members = try node.members(["call", "data", "capture", "pause", "chance"])
        let call = try Scenario.required("call", members, node)
        method = try Self.method(call, role)
        let data = members["data"] ?? call
        do {
            let text = try members["data"]?.json() ?? DefaultData.template(for: method)
            template = try Template(text, captured: captured)
        } catch let fault as ScenarioFault {
            throw fault
        } catch {
            throw data.fault("\(error)")
        }
        var captures: [Capture] = []
        for (name, path) in try members["capture"]?.pairs() ?? [] {
            guard let capture = Capture(name: name, path: try path.text()) else {
                throw path.fault("Must be a path, as messages[0].id or offers[?].id.")
            }
            captures.append(capture)
        }
        self.captures = captures
        pause = try members["pause"].map { node throws(ScenarioFault) in try Self.range(node) }
        chance =
            try members["chance"].map { node throws(ScenarioFault) in try Self.share(node) } ?? 1
        (line, field) = (data.line, data.field)
    }

    private static func method(
        _ node: ScenarioNode,
        _ role: Persona
    ) throws(ScenarioFault) -> MethodDescriptor {
        let name = try node.text()
        let method: MethodDescriptor
        do {
            method = try MethodLookup.method(name)
        } catch {
            throw node.fault("\(error)")
        }
        guard method.kind == .unary else {
            throw node.fault("\(method.shortName) is a stream; only single answers can be loaded.")
        }
        guard
            method.roles.isEmpty || method.roles.contains(role.name)
                || method.roles.contains(Persona.visitor.name)
        else {
            let roles = method.roles.joined(separator: ", ")
            throw node.fault("\(method.shortName) is for \(roles), not for \(role.name).")
        }
        return method
    }

    /// `2s`, or `2s..8s`.
    private static func range(
        _ node: ScenarioNode
    ) throws(ScenarioFault) -> ClosedRange<Duration> {
        let ends = try node.text().split(separator: "..").map { TimeText.duration($0) }
        guard (1...2).contains(ends.count), let low = ends[0], let high = ends[ends.count - 1],
            .zero <= low, low <= high, high <= Limits.durationMax
        else { throw node.fault("Must be a time or two, as 2s or 2s..8s.") }
        return low...high
    }

    /// `30%`, or `0.3`.
    private static func share(_ node: ScenarioNode) throws(ScenarioFault) -> Double {
        let text = try node.text()
        let share = text.hasSuffix("%") ? Double(text.dropLast()).map { $0 / 100 } : Double(text)
        guard let share, (0...1).contains(share) else {
            throw node.fault("Must be a share of 0% to 100%.")
        }
        return share
    }
}
