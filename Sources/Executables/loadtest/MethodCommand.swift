import ArgumentParser
import ClientKit
import LoadTest
import RPC

/// The command `loadtest METHOD`.
struct MethodCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "method",
        abstract: "Calls one method at a rate, or as often as it answers (the default command).",
        discussion: """
            Open load (--rate): calls start at planned instants whatever becomes of earlier ones, \
            and latency counts from the planned instant, so that a service that stalls for a second \
            shows that second in every call that would have come in it.
            Closed load (--in-flight): each call waits for the one before; a slow service slows the \
            load, and its latencies look better than its callers' lives are.
            Search (--ramp): rate after rate until the highest that keeps --until is found.

            Latencies are those of calls that were answered or ran into their deadline; calls \
            refused otherwise are errors and would only flatter.

            Places in the data are filled anew for each call:
              ${uuid} ${counter} ${words:20} ${text:200} ${number:1-50} ${pick:a|b|c}
              ${ms} ${ms:+1d..+10d} ${day:+3d}      instants and days from now
              ${slot.start_ms} ${slot.end_ms}       a half hour of the next four weeks
              ${person.id} .email .first_name .last_name   as whom the call is made
              ${young_person.id} ${counsellor.id}   themselves, or one of the counsellor's, and theirs
            Where only ids and such draws stand, requests are made ahead: draws then repeat after \
            256 calls, ids never do.

            Without --through the service itself is called, with the gateway's certificate and the \
            person in the metadata, as the gateway calls it.
            """
    )

    @Argument(help: "Service/Method, for example messaging/SendMessage.")
    var method: String

    @Option(
        name: [.customShort("d"), .long],
        help: "JSON with places, or @FILE; common methods have data of their own."
    )
    var data: String?

    @Option(help: "Open load: calls a second. By default 100.")
    var rate: Double?

    @Option(help: "How long, warm-up included: 60s, 5m.")
    var duration = Span.standard

    @Option(help: "Open load: constant or poisson distances between calls.")
    var arrivals = Arrivals.Pattern.poisson

    @Option(help: "Closed load: calls under way on each connection.")
    var inFlight: Int?

    @Flag(help: "Search for the highest rate that keeps --until, beginning at --rate.")
    var ramp = false

    @Option(
        help: "What a searched rate has to keep: 'p99<50ms'; may be repeated.",
        transform: { try Objective($0) }
    )
    var until: [Objective] = []

    @Option(
        help: "How long each rate of a search is measured; the first fifth of it is not counted."
    )
    var step = Span.step

    @Option(help: "The first part of a run, which is not counted; not for searches.")
    var warmUp = Span.warmUp

    @Option(
        name: .customLong("as"),
        help: "young_person, counsellor, visitor or operator; by default whom the method is for."
    )
    var role: Persona?

    @Option(help: "services: past the gateway; gateway: as people call, in sessions.")
    var through = Way.services

    @Option(help: "Call this process instead: a service's name or host:port.")
    var to: String?

    @Option(help: "Show this certificate instead: a name in PASS_CERTIFICATES.")
    var certificate: String?

    @OptionGroup var options: LoadOptions

    func validate() throws {
        if let rate, !(rate > 0 && rate <= Limits.rateMax) {
            throw ValidationError("--rate must be above 0 and at most 1000000.")
        }
        if let inFlight, inFlight < 1 { throw ValidationError("--in-flight must be at least 1.") }
        guard inFlight == nil || (rate == nil && !ramp) else {
            throw ValidationError("--in-flight is a closed load; it has neither rate nor ramp.")
        }
        guard ramp != until.isEmpty else {
            throw ValidationError("--ramp and --until go together.")
        }
        guard warmUp.duration < duration.duration else {
            throw ValidationError("--warm-up must be shorter than --duration.")
        }
    }

    func run() async throws {
        let descriptor = try MethodLookup.method(method)
        guard !descriptor.kind.clientStreams else {
            throw CommandFailure(
                "\(descriptor.path) takes a stream; that cannot be loaded.",
                code: 2
            )
        }
        let role = role ?? Persona(for: descriptor)
        let seed = options.seed ?? 1
        let runner = try Runner(
            options,
            way: through,
            seed: seed,
            youngPeople: options.population ?? 400_000,
            connections: options.connections
        )
        let route = try route(of: descriptor, role)
        let cast = try await runner.cast(
            [role],
            by: through,
            people: options.people ?? 100,
            assertsPeople: route.certificate == "gateway"
        )
        let workload = try workload(descriptor, role, cast, seed)
        try await runner.withConnections([route], route: { _ in route }) { connections in
            try await load(workload, cast, runner, connections)
        }
    }

    private func route(of method: MethodDescriptor, _ role: Persona) throws -> Route {
        var route = Route(method, as: role, by: through)
        if through == .services, route.target == "gateway", to == nil, !method.roles.isEmpty,
            !method.roles.contains("PUBLIC")
        {
            throw CommandFailure(
                "\(method.shortName) is answered by the gateway: add --through gateway.",
                code: 2
            )
        }
        if let to { route.target = to }
        if let certificate { route.certificate = certificate }
        return route
    }

    private func workload(
        _ method: MethodDescriptor,
        _ role: Persona,
        _ cast: Cast,
        _ seed: UInt64
    ) throws -> Workload {
        var text = data ?? DefaultData.template(for: method)
        if text.hasPrefix("@") {
            text = try Output.read(String(text.dropFirst()), bytesMax: Limits.scenarioBytesMax)
        }
        do {
            return try Workload(
                method,
                data: text,
                role: role,
                cast: cast,
                seed: seed,
                nowMs: Runner.nowMs
            )
        } catch {
            throw CommandFailure("--data: \(error)", code: 2)
        }
    }

    private func plan(
        _ workload: Workload,
        _ cast: Cast,
        _ runner: Runner,
        _ pace: LoadPlan.Pace,
        warmUp: Duration
    ) -> LoadPlan {
        LoadPlan(
            workload: workload,
            cast: cast,
            pace: pace,
            warmUp: warmUp,
            timeout: options.timeout?.duration,
            underWayMax: runner.underWayMax,
            seed: runner.seed,
            run: runner.run,
            nowMs: Runner.nowMs,
            lanes: runner.loops.count
        )
    }

    private func open(_ rate: Double, _ duration: Duration, _ seed: UInt64) -> LoadPlan.Pace {
        let stage = Arrivals.Stage(rate: rate, duration: duration)
        return .open(Arrivals(stages: [stage], pattern: arrivals, seed: seed))
    }

    private func load(
        _ workload: Workload,
        _ cast: Cast,
        _ runner: Runner,
        _ connections: Connections
    ) async throws {
        let title = workload.methods.map(\.path).joined()
        if ramp {
            try await search(title, workload, cast, runner, connections)
            return
        }
        let pace: LoadPlan.Pace =
            if let inFlight {
                .closed(
                    inFlight: inFlight * runner.connectionCount,
                    duration: duration.duration
                )
            } else {
                open(rate ?? 100, duration.duration, runner.seed)
            }
        let plan = plan(workload, cast, runner, pace, warmUp: warmUp.duration)
        try runner.finish(await runner.measure(plan, title, connections))
    }

    private func search(
        _ title: String,
        _ workload: Workload,
        _ cast: Cast,
        _ runner: Runner,
        _ connections: Connections
    ) async throws {
        let ramp = Ramp(
            objectives: until,
            stepDuration: step.duration
        )
        var round: UInt64 = 0
        let found = try await ramp.run(from: rate ?? 100) { rate, duration in
            if runner.isInterrupted { return nil }
            round += 1
            var planned = plan(
                workload,
                cast,
                runner,
                open(rate, duration, runner.seed),
                warmUp: duration / 5
            )
            planned.run &+= round
            let summary = await runner.measure(planned, title, connections)
            return runner.isInterrupted ? nil : summary
        } report: { step in
            Terminal.say(SummaryText.line(step))
        }
        guard var summary = found.last else { throw CommandFailure("Nothing was measured.") }
        summary.note(found, of: ramp.objectives)
        try runner.finish(summary)
    }
}

extension Span {
    static let standard = Span(.seconds(30))
    static let step = Span(.seconds(10))
    static let warmUp = Span(.seconds(2))

    private init(_ duration: Duration) {
        self.duration = duration
    }
}
