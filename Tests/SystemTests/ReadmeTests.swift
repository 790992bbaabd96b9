import Foundation
import Testing

extension ProcessTests {
    /// The README's examples, as they stand there.
    @Suite struct ReadmeTests {
        /// The `pe …` lines of all code blocks, the tour's too.
        private static func examples() throws -> [String] {
            let path = "\(RunningSystem.top)/README.md"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let blocks = text.components(separatedBy: "```").enumerated()
                .filter { $0.offset % 2 == 1 }.map(\.element)
            return blocks.flatMap { $0.split(separator: "\n") }
                .map { $0.trimmingCharacters(in: .whitespaces) }
                .filter { $0.hasPrefix("pe ") }
        }

        @Test func everyExampleRuns() async throws {
            let examples = try Self.examples()
            #expect(examples.count >= 7)
            try await withSystem { system in
                try system.loadDemonstration()
                for example in examples {
                    let line = "cd '\(RunningSystem.top)' && \(example)"
                    let outcome = try system.run("/bin/bash", ["-c", line])
                    #expect(outcome.status == 0, "\(example): \(outcome.error)")
                    #expect(!outcome.output.isEmpty, "\(example) says nothing")
                }
            }
        }

        @Test func whatTheTableNamesIsThere() throws {
            let path = "\(RunningSystem.top)/README.md"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let names = text.matches(of: /--filter (\w+)/).map { String($0.1) }
            #expect(names.count >= 5)
            let tests = "\(RunningSystem.top)/Tests"
            let files =
                FileManager.default.enumerator(atPath: tests)?.compactMap { $0 as? String } ?? []
            for name in names {
                #expect(files.contains { $0.hasSuffix("/\(name).swift") }, "\(name)")
            }
        }
    }
}
