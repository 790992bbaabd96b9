import Foundation
import Testing

extension ProcessTests {
    /// What operators do to running processes, done under load.
    @Suite struct RehearsalTests {
        private func rehearse(_ arguments: String...) async throws -> Command.Outcome {
            var outcome = Command.Outcome(status: -1, output: "", error: "")
            try await withSystem { system in
                let ports = try FreePorts.take(2).map(String.init).joined(separator: ",")
                outcome = try system.run(
                    "\(RunningSystem.top)/deploy/rehearse",
                    arguments + ["--rate", "25"],
                    ["PASS_PORTS_REHEARSAL": ports]
                )
            }
            return outcome
        }

        @Test func gatewaysAreRestartedInTurnWithoutAFailedCall() async throws {
            let outcome = try await rehearse("restarts", "--rounds", "2")
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
            #expect(outcome.output.hasSuffix("4 restarts, no call failed.\n"), "\(outcome.output)")
        }

        @Test func certificatesAndAuthorityAreReplacedWithoutAFailedCall() async throws {
            let outcome = try await rehearse("certificates")
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
            let end = "Certificates and authority were replaced, no call failed.\n"
            #expect(outcome.output.hasSuffix(end), "\(outcome.output)")
        }
    }
}
