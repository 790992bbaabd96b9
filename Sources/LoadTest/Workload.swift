import ClientKit
public import RPC

/// One call of a flow.
struct Step: Sendable {
    /// Its place among the names of the workload.
    let index: Int
    let method: MethodDescriptor
    let requests: RequestMaker
    /// What later steps use of its answer.
    var captures: [Capture] = []
    /// How long the person looks at what they have before; `nil`: not at all.
    var pause: ClosedRange<Duration>?
    /// How many of those who get here take it, 0 to 1.
    var chance = 1.0
}

/// What someone does, call by call.
struct Flow: Sendable {
    let name: String
    /// How often it is done, relative to the others.
    let weight: Double
    let role: Persona
    let steps: [Step]
}

/// What a run does: flows, by their weights.
public struct Workload: Sendable {
    let flows: [Flow]
    /// The names under which calls are counted: one for each method.
    public let stepNames: [String]
    private let weights: Double

    init(flows: [Flow], stepNames: [String]) {
        self.flows = flows
        self.stepNames = stepNames
        weights = flows.reduce(0) { $0 + $1.weight }
    }

    /// Calls of one method, each with new data and as another person.
    ///
    /// - Throws: `TemplateFault`, or what the method's message refuses.
    public init(
        _ method: MethodDescriptor,
        data: String,
        role: Persona,
        cast: Cast,
        seed: UInt64,
        nowMs: Int64
    ) throws {
        let requests = try RequestMaker(
            method,
            try Template(data),
            role: role,
            cast: cast,
            seed: seed,
            nowMs: nowMs
        )
        let step = Step(index: 0, method: method, requests: requests)
        self.init(
            flows: [Flow(name: method.path, weight: 1, role: role, steps: [step])],
            stepNames: [method.shortName]
        )
    }

    /// Every method that is called.
    public var methods: [MethodDescriptor] {
        var seen: Set<String> = []
        return flows.flatMap(\.steps).map(\.method).filter { seen.insert($0.path).inserted }
    }

    /// Every role that someone calls in.
    public var roles: Set<Persona> { Set(flows.map(\.role)) }

    /// Draws a flow by the weights.
    func flow(_ random: inout SeededGenerator) -> Flow {
        guard flows.count > 1 else { return flows[0] }
        var left = random.unit() * weights
        for flow in flows {
            left -= flow.weight
            if left < 0 { return flow }
        }
        return flows[flows.count - 1]
    }
}

extension MethodDescriptor {
    /// Service and method without the package: `Messaging/SendMessage`.
    public var shortName: String {
        "\(service.split(separator: ".").last ?? "")/\(name)"
    }
}
