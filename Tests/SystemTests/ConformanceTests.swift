import Foundation
import Testing

extension ProcessTests {
    /// A server speaks the protocol as its page says, seen by a client that shares no code with it.
    @Suite struct ConformanceTests {
        private static let folder = "\(RunningSystem.top)/Tests/Conformance"

        @Test func theEchoServerPassesEveryCase() async throws {
            let system = try RunningSystem(["rpc-echo"])
            defer { system.clear() }
            try system.start("rpc-echo")
            try await eventually("rpc-echo listens", within: .seconds(20)) {
                system.log("rpc-echo").contains("Ready.")
            }
            let port = try #require(system.ports["rpc-echo"])
            // Ends a runner that wrongly goes on; then the status is 124.
            let outcome = try Command.run(
                "/usr/bin/timeout",
                [
                    "120", "\(RunningSystem.binaries)/rpc-conformance",
                    "--target", "127.0.0.1:\(port)", "--service", "rpc-echo",
                    "--ca", "\(system.directory)/certificates/ca.pem", "--cases", Self.folder,
                ]
            )
            let failures = outcome.output.split(separator: "\n").filter { !$0.hasPrefix("ok ") }
            #expect(outcome.status == 0, "\(failures.joined(separator: "\n")) \(outcome.error)")
        }

        @Test func everyRowOfTheFaultTableHasACase() throws {
            let page = try String(
                contentsOfFile: "\(RunningSystem.top)/proto/PROTOCOL.md",
                encoding: .utf8
            )
            let lines = page.split(separator: "\n").map(String.init)
            let head = try #require(lines.firstIndex(of: "| what comes | what happens |"))
            let rows = lines[(head + 2)...].prefix { $0.hasPrefix("|") }.map { line in
                line.split(separator: "|")[0].trimmingCharacters(in: .whitespaces)
            }
            #expect(rows.count > 10)
            let tested = try casesRows()
            #expect(rows.filter { !tested.contains($0) } == [])
        }

        /// The rows that the cases name.
        private func casesRows() throws -> Set<String> {
            struct File: Decodable {
                struct Case: Decodable { let row: String? }
                let cases: [Case]
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
            let rows = try names.filter { $0.hasSuffix(".json") }.flatMap { name in
                let data = try Data(contentsOf: URL(filePath: "\(Self.folder)/\(name)"))
                return try JSONDecoder().decode(File.self, from: data).cases.compactMap(\.row)
            }
            return Set(rows)
        }
    }
}
