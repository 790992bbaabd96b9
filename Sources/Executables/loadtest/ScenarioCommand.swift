import ArgumentParser
import ClientKit
import LoadTest
import RPC

/// The command `loadtest scenario`.
struct ScenarioCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scenario",
        abstract: "Lets made-up people do what real ones do, as a file says.",
        discussion: """
            The file is YAML; deploy/load holds some, with the arithmetic of their rates.
              title        what it is called
              through      gateway (as people call; the default) or services
              rate, duration    flows started a second, and for how long; or instead
              stages       a list of rate and for, one after the other
              arrivals     poisson (the default) or constant
              warm_up, timeout, connections, people, fail_if    as the options of the same names
              population   young_people and seed, as imported
              flows        a list of
                name, weight    how often it is done, relative to the others
                as              young_person, counsellor, visitor or operator
                steps           a list of
                  call          Service/Method
                  data          the request, with places as in `loadtest help method`; common \
            methods have data of their own
                  pause         2s or 2s..8s before the call
                  chance        30%: how many of those who get here make it
                  capture       name: path in the answer (messages[0].id, offers[?].id), for \
            ${name} in later steps
            A step whose captured values are not there is left out; a failed call ends its flow. \
            Options given here win over the file; --fail-if adds to its conditions.
            """
    )

    @Argument(help: "The file.")
    var file: String

    @Option(help: "Multiply all rates by this.")
    var scale: Double?

    @Option(help: "Stretch or shorten the run to this, warm-up included.")
    var duration: Span?

    @Option(help: "The first part of the run, which is not counted.")
    var warmUp: Span?

    @Option(help: "services: past the gateway; gateway: as people call, in sessions.")
    var through: Way?

    @OptionGroup var options: LoadOptions

    func validate() throws {
        if let scale, !(scale > 0 && scale <= 1_000) {
            throw ValidationError("--scale must be above 0 and at most 1000.")
        }
        if let duration, duration.duration == .zero {
            throw ValidationError("--duration must be above 0.")
        }
    }

    func run() async throws {
        let scenario = try scenario()
        let runner = try Runner(
            options,
            way: scenario.way,
            seed: scenario.seed,
            youngPeople: scenario.youngPeople,
            connections: scenario.connections
        )
        let way = scenario.way
        var routes: Set<Route> = []
        for (method, role) in scenario.calls {
            let route = Route(method, as: role, by: way)
            if way == .services, route.target == "gateway" {
                throw CommandFailure(
                    "\(method.shortName) is answered by the gateway: use --through gateway.",
                    code: 2
                )
            }
            routes.insert(route)
        }
        let cast = try await runner.cast(scenario.roles, by: way, people: scenario.people)
        let workload = try workload(scenario, cast)
        let plan = LoadPlan(
            workload: workload,
            cast: cast,
            pace: .open(
                Arrivals(stages: scenario.stages, pattern: scenario.pattern, seed: scenario.seed)
            ),
            warmUp: scenario.warmUp,
            timeout: scenario.timeout,
            underWayMax: runner.underWayMax,
            seed: scenario.seed,
            run: runner.run,
            nowMs: Runner.nowMs,
            lanes: runner.loops.count
        )
        let route = { @Sendable (request: CallRequest) in
            Route(request.method, as: request.role, by: way)
        }
        try await runner.withConnections(routes, route: route) { connections in
            let summary = await runner.measure(plan, scenario.title, connections)
            try runner.finish(summary, failIf: scenario.failIf)
        }
    }

    private func scenario() throws -> Scenario {
        let text = try Output.read(file, bytesMax: Limits.scenarioBytesMax)
        var scenario: Scenario
        do {
            scenario = try Scenario(yaml: text)
        } catch {
            throw CommandFailure("\(file): \(error)", code: 2)
        }
        if let scale { scenario.scale(by: scale) }
        if let duration { scenario.last(duration.duration) }
        if let warmUp { scenario.warmUp = warmUp.duration }
        if let through { scenario.way = through }
        scenario.timeout = options.timeout?.duration ?? scenario.timeout
        scenario.seed = options.seed ?? scenario.seed
        scenario.youngPeople = options.population ?? scenario.youngPeople
        scenario.people = options.people ?? scenario.people
        scenario.connections = options.connections ?? scenario.connections
        guard scenario.warmUp < scenario.duration else {
            throw CommandFailure("The warm-up must be shorter than the run.", code: 2)
        }
        return scenario
    }

    private func workload(_ scenario: Scenario, _ cast: Cast) throws -> Workload {
        do {
            return try scenario.workload(cast: cast, nowMs: Runner.nowMs)
        } catch {
            throw CommandFailure("\(file): \(error)", code: 2)
        }
    }
}
