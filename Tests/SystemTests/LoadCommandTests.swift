import Foundation
import Testing

extension ProcessTests {
    /// The load generator as its users run it.
    @Suite struct LoadCommandTests {
        /// Lets `body` run `loadtest` against a fresh echo server, and write into a folder.
        private func withEcho(
            _ body: (_ load: ([String]) throws -> Command.Outcome, _ folder: String) throws -> Void
        ) async throws {
            let system = try RunningSystem(["rpc-echo"])
            defer { system.clear() }
            try system.start("rpc-echo")
            try await eventually("rpc-echo listens", within: .seconds(20)) {
                system.log("rpc-echo").contains("Ready.")
            }
            let here = "127.0.0.1:\(system.ports["rpc-echo"] ?? 0)"
            let short = ["--rate", "100", "--duration", "1s", "--warm-up", "0s"]
            try body(
                { more in
                    try system.run(
                        "\(RunningSystem.binaries)/loadtest",
                        ["Echo/Unary", "--to", here] + short + more
                    )
                },
                system.directory
            )
        }

        @Test func objectivesDecideTheExitCode() async throws {
            try await withEcho { load, _ in
                let good = try load(["--fail-if", "errors>0", "--fail-if", "p50>9s"])
                #expect(good.status == 0, "\(good.output)\(good.error)")
                #expect(good.output.contains("good    errors>0"), "\(good.output)")
                let slow = try load(["--fail-if", "p50>1us"])
                #expect(slow.status == 99, "\(slow.output)\(slow.error)")
                #expect(slow.output.contains("FAILED  p50>1us"), "\(slow.output)")
                let failed = try load(["-d", #"{"fail_code":14}"#, "--fail-if", "errors>1%"])
                #expect(failed.status == 99)
                #expect(failed.output.contains("UNAVAILABLE"), "\(failed.output)")
            }
        }

        @Test func wrongCommandLinesEndWithTwo() throws {
            let loadtest = "\(RunningSystem.binaries)/loadtest"
            let cases: [([String], String)] = [
                (["Echo/Unary", "--fail-if", "nonsense"], "nonsense"),
                (["Echo/Unary", "--rate", "-1"], "--rate"),
                (["Echo/Nothing"], "Unary"),
                (["Echo/Unary", "--until", "p99<1s"], "--ramp"),
                (["scenario", "/no/such/file"], "/no/such/file"),
                (["compare", "/no/such/file", "/no/such/file"], "/no/such/file"),
            ]
            for (arguments, words) in cases {
                let outcome = try Command.run(loadtest, arguments)
                #expect(outcome.status == 2, "\(arguments): \(outcome.error)")
                #expect(outcome.error.contains(words), "\(arguments): \(outcome.error)")
                #expect(outcome.output.isEmpty)
            }
            #expect(try Command.run(loadtest, ["--help"]).status == 0)
        }

        @Test func aServerThatIsNotThereIsNamed() throws {
            let system = try RunningSystem(["rpc-echo"])
            defer { system.clear() }
            let here = "127.0.0.1:\(system.ports["rpc-echo"] ?? 0)"
            let outcome = try system.run(
                "\(RunningSystem.binaries)/loadtest",
                ["Echo/Unary", "--to", here]
            )
            #expect(outcome.status == 1, "\(outcome.error)")
            #expect(outcome.error.contains("\(here) cannot be reached"), "\(outcome.error)")
        }

        @Test(arguments: [
            "live --as counsellor --people 1 --streams 6",
            "live --through services --of messaging --streams 6",
        ])
        func streamsBringWhatHappensToAllWhoWatch(live: String) async throws {
            try await withSystem { system in
                let people = try system.pe(["import", "people", "--synthetic", "40"])
                #expect(people.status == 0, "\(people.error)")
                let script = """
                    loadtest \(live) --population 40 --duration 12s --json live.json \
                      --sessions sessions.json --fail-if 'errors>0' --fail-if 'rate<10' &
                    sleep 6
                    loadtest messaging/SendMessage --population 40 --rate 50 --duration 2s \
                      --warm-up 0s --fail-if 'errors>0' || exit 1
                    wait $!
                    """
                let outcome = try system.run(
                    "/bin/bash",
                    ["-c", "cd '\(system.directory)' && \(script)"]
                )
                #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
                #expect(outcome.output.contains("6 of 6 streams open"), "\(outcome.output)")
                #expect(outcome.output.contains(", 0 lost, 0 doubled"), "\(outcome.output)")
            }
        }

        @Test func figuresAndPageAreWritten() async throws {
            try await withEcho { load, folder in
                let (before, after) = ("\(folder)/before.json", "\(folder)/after.json")
                let page = "\(folder)/page.html"
                #expect(try load(["--json", before, "--report", page]).status == 0)
                #expect(try load(["--json", after, "--rate", "50"]).status == 0)

                struct Figures: Decodable {
                    struct Step: Decodable { let planned, answered: Int }
                    let total: Step
                }
                let data = try Data(contentsOf: URL(filePath: before))
                let figures = try JSONDecoder().decode(Figures.self, from: data)
                #expect(figures.total.planned > 50)
                #expect(figures.total.answered == figures.total.planned)

                let html = try String(contentsOfFile: page, encoding: .utf8)
                #expect(html.contains("<svg"))
                #expect(html.hasSuffix("</html>\n"))
                for outside in [
                    /https?:|url\(|@import/, /\b(?:src|href)\s*=/, /<(?:script|link|img|iframe)\b/,
                ] {
                    #expect(html.firstMatch(of: outside) == nil)
                }

                let loadtest = "\(RunningSystem.binaries)/loadtest"
                let comparison = try Command.run(loadtest, ["compare", before, after])
                #expect(comparison.status == 0, "\(comparison.error)")
                let row = comparison.output.split(separator: "\n")
                    .first { $0.contains("answered a second") }
                #expect(row?.hasSuffix("WORSE") == true, "\(comparison.output)")
                // A page is not a file of figures.
                #expect(try Command.run(loadtest, ["compare", before, page]).status == 2)
            }
        }
    }
}
