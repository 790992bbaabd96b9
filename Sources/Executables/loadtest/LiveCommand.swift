import ArgumentParser
import ClientKit
import Foundation
import LoadTest
import NIOCore
import RPC

/// The command `loadtest live`.
struct LiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "live",
        abstract: "Holds many endless streams and says what came, how late, and what did not.",
        discussion: """
            Through the gateway each stream is a person's live events (Live/Watch), in sessions of \
            --people; with --through services it is a service's change feed (Feed/Watch of --of). \
            It makes nothing happen by itself: let `loadtest messaging/SendMessage` run beside it.

            Streams of one person should bring the same, so give more streams than people: what \
            one brings and another does not is lost. A stream that ends is opened again where it \
            was. The delay counts from the change's time as the service tells it, in milliseconds.

            --fail-if asks about the delay (p99>500ms), about events a second (rate<100), and about \
            what must not be (errors>0): changes lost or doubled, and streams not open at the end.
            """
    )

    @Option(help: "How many streams.")
    var streams = 100

    @Option(help: "How long they are held once all were tried: 60s, 5m.")
    var duration = Span.standard

    @Option(help: "gateway: as people watch; services: as services watch each other.")
    var through = Way.gateway

    @Option(help: "With --through services: whose feed, a service's name.")
    var of = "messaging"

    @Option(name: .customLong("as"), help: "Through the gateway: young_person or counsellor.")
    var role = Persona.youngPerson

    @OptionGroup var options: LoadOptions

    func validate() throws {
        guard (1...Limits.streamsMax).contains(streams) else {
            throw ValidationError("--streams must be 1 to \(Limits.streamsMax).")
        }
        guard [.youngPerson, .counsellor].contains(role) else {
            throw ValidationError("--as must be young_person or counsellor.")
        }
        guard options.report == nil else {
            throw ValidationError("--report is of calls; streams have --json.")
        }
        guard options.failIf.allSatisfy({ $0.step == nil }) else {
            throw ValidationError("--fail-if takes no METHOD: in front of streams' figures.")
        }
    }

    func run() async throws {
        let needed = (streams + Limits.streamsPerConnection - 1) / Limits.streamsPerConnection
        let runner = try Runner(
            options,
            way: through,
            seed: options.seed ?? 1,
            youngPeople: options.population ?? 400_000,
            connections: max(options.connections ?? 0, needed)
        )
        let people = min(options.people ?? 10, runner.population.youngPeople)
        let cast = try await runner.cast([role], by: through, people: people)
        let clients = try connect(runner)
        let client = { @Sendable (number: Int) in clients[number % clients.count] }
        let open: StreamOpening
        var audiences = Array(repeating: of, count: streams)
        switch through {
        case .gateway:
            let members = (0..<streams).map { cast.member(role, $0) }
            audiences = members.map { cast.personID($0) ?? "" }
            open = EndlessStreams.live(client) { cast.metadata(members[$0]) }
        case .services:
            open = EndlessStreams.feed(client, of: of)
        }
        let run = StreamRun(
            audiences: audiences,
            duration: duration.duration,
            nowMs: { Runner.nowMs },
            open: open
        )
        let figures = await hold(run, runner)
        for client in clients { await client.close() }
        try finish(figures)
    }

    private func connect(_ runner: Runner) throws -> [RPCClient] {
        let deployment = Deployment()
        return try (0..<runner.connectionCount).map { number in
            try deployment.client(
                of: through == .gateway ? "gateway" : of,
                instance: "loadtest",
                group: runner.loops[number % runner.loops.count]
            )
        }
    }

    private func hold(_ run: StreamRun, _ runner: Runner) async -> StreamFigures {
        let holding = Task { await run.run() }
        runner.onInterrupt { holding.cancel() }
        let all = streams
        let watching = Task {
            while Terminal.isWatched, !Task.isCancelled {
                Terminal.show("\(run.openCount) of \(all) streams open")
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
        let figures = await holding.value
        watching.cancel()
        Terminal.show("")
        return figures
    }

    private func finish(_ result: StreamFigures) throws {
        var figures = result
        figures.judge(failIf: options.failIf)
        print(figures.text, terminator: "")
        if let path = options.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try Output.write(
                String(decoding: try encoder.encode(figures), as: UTF8.self) + "\n",
                to: path
            )
        }
        if !figures.objectives.allSatisfy(\.isGood) { throw Output.failed }
    }
}
