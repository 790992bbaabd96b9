public import ArgumentParser
import ClientKit
public import LoadTest

/// A span of time on the command line.
struct Span: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        guard let duration = TimeText.duration(argument), duration >= .zero,
            duration <= Limits.durationMax
        else { return nil }
        self.duration = duration
    }

    /// As one would type it.
    var defaultValueDescription: String {
        "\(NumberText.decimals(duration.inSeconds, 0))s"
    }
}

extension Arrivals.Pattern: ExpressibleByArgument {}
extension Persona: ExpressibleByArgument {}
extension Way: ExpressibleByArgument {}

/// Who calls, over which connections, and what is done with the figures: alike for all runs.
struct LoadOptions: ParsableArguments {
    @Option(
        help: "Connections to each process called; by default the scenario's, or one per processor."
    )
    var connections: Int?

    @Option(
        help: """
            Calls under way at most; one more is not made and counts as the error NOT_STARTED. By \
            default \(Limits.underWayPerConnection) per connection.
            """
    )
    var underWay: Int?

    @Option(help: "The longest a call may take (5s, 500ms); by default what its method says.")
    var timeout: Span?

    @Option(help: "Whose population, data and arrival instants; by default the scenario's, or 1.")
    var seed: UInt64?

    @Option(
        help: """
            What the ids of what is written are drawn from; by default another one each time. With \
            seed and run of an earlier run its requests are the same but for times from now on.
            """
    )
    var run: UInt64?

    @Option(
        help: "Young people in the population, as imported; by default the scenario's, or 400000."
    )
    var population: Int?

    @Option(
        help: """
            Through the gateway: so many people of each role take part, each with a session; \
            opening one the first time takes half a second. By default the scenario's, or 100.
            """
    )
    var people: Int?

    @Option(help: "Where sessions are kept between runs.")
    var sessions = ".run/loadtest-sessions.json"

    @Option(
        help: """
            End with exit code 99 if this is true; may be repeated. p50, p99, p99.9 …, min, mean, \
            max with a time, errors with a share or number, rate with calls answered a second: \
            'p99>50ms', 'errors>0.1%', 'rate<1000'. METHOD: in front asks about one method.
            """,
        transform: { try Objective($0) }
    )
    var failIf: [Objective] = []

    @Option(help: "Write the figures to this file, for `loadtest compare`.")
    var json: String?

    @Option(help: "Write a page with the figures and their charts to this file.")
    var report: String?

    func validate() throws {
        if let connections, !(1...Limits.connectionsMax).contains(connections) {
            throw ValidationError("--connections must be 1 to \(Limits.connectionsMax).")
        }
        if let underWay, !(1...Limits.underWayMax).contains(underWay) {
            throw ValidationError("--under-way must be 1 to \(Limits.underWayMax).")
        }
        if let people, people < 1 { throw ValidationError("--people must be at least 1.") }
    }
}
