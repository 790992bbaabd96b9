import Foundation
import Testing

extension ProcessTests {
    /// What is wrong at start is told in one line, and the process ends.
    @Suite struct StartFaultTests {
        /// Starts agenda with something wrong, and answers status and standard error.
        ///
        /// `runner` is a command that runs the one behind it, with other rights for example.
        private func start(
            _ system: RunningSystem,
            _ changes: [String: String] = [:],
            runner: [String] = []
        ) throws -> Command.Outcome {
            var environment = system.environment
            environment["PASS_LISTEN"] = "127.0.0.1:\(system.ports["agenda"] ?? 0)"
            environment["PASS_DATA"] = "\(system.directory)/data/agenda"
            environment.merge(changes) { $1 }
            // Ends a process that wrongly goes on; then the status is 124.
            return try Command.run(
                "/usr/bin/timeout",
                ["5"] + runner + ["\(RunningSystem.binaries)/agenda"],
                environment
            )
        }

        private func expectOneLine(_ outcome: Command.Outcome, saying words: String) {
            #expect(outcome.status == 1, "\(outcome.error)")
            let lines = outcome.error.split(separator: "\n").filter { !$0.hasPrefix("{") }
            #expect(lines.count == 1, "\(outcome.error)")
            #expect(outcome.error.contains(words), "\(outcome.error)")
        }

        private func run(_ path: String, _ arguments: String...) throws {
            let outcome = try Command.run(path, arguments)
            #expect(outcome.status == 0, "\(outcome.error)")
        }

        private func withFiles(_ body: (RunningSystem) async throws -> Void) async throws {
            let system = try RunningSystem()
            defer { system.clear() }
            try await body(system)
        }

        private func started(_ system: RunningSystem, _ service: String) async throws {
            try system.start(service)
            try await eventually("\(service) listens", within: .seconds(20)) {
                system.log(service).contains("Ready.")
            }
        }

        @Test func aPortInUse() async throws {
            try await withFiles { system in
                try await started(system, "actions")
                let port = try #require(system.ports["actions"])
                let outcome = try start(system, ["PASS_LISTEN": "127.0.0.1:\(port)"])
                expectOneLine(outcome, saying: "\(port)")
            }
        }

        @Test func aMissingCertificate() async throws {
            try await withFiles { system in
                try FileManager.default.removeItem(
                    atPath: "\(system.directory)/certificates/agenda.pem"
                )
                expectOneLine(try start(system), saying: "agenda.pem")
            }
        }

        @Test func anExpiredCertificate() async throws {
            try await withFiles { system in
                let folder = "\(system.directory)/certificates"
                let openssl = "/usr/bin/openssl"
                let request = [
                    "req", "-new", "-key", "\(folder)/agenda.key", "-subj", "/CN=agenda",
                ]
                let sign = [
                    "x509", "-req", "-CA", "\(folder)/ca.pem", "-CAkey", "\(folder)/ca.key",
                    "-CAcreateserial", "-days", "-1",
                ]
                let file = "\(system.directory)/request"
                #expect(try Command.run(openssl, request + ["-out", file]).status == 0)
                let signed = sign + ["-in", file, "-out", "\(folder)/agenda.pem"]
                #expect(try Command.run(openssl, signed).status == 0)
                expectOneLine(try start(system), saying: "expired")
            }
        }

        @Test func aKeyOfAnotherCertificate() async throws {
            try await withFiles { system in
                let folder = "\(system.directory)/certificates"
                try run("/bin/cp", "\(folder)/offers.key", "\(folder)/agenda.key")
                expectOneLine(try start(system), saying: "agenda.key")
            }
        }

        @Test func aPairThatIsBeingReplacedIsWaitedFor() async throws {
            try await withFiles { system in
                let folder = "\(system.directory)/certificates"
                let key = "\(folder)/agenda.key"
                try run("/bin/cp", key, "\(folder)/kept")
                try run("/bin/cp", "\(folder)/offers.key", key)
                try system.start("agenda")
                // Less than the process waits for the other half.
                try await Task.sleep(for: .milliseconds(300))
                try run("/bin/mv", "\(folder)/kept", key)
                try await eventually("agenda listens", within: .seconds(20)) {
                    system.log("agenda").contains("Ready.")
                }
            }
        }

        @Test func wrongSettingsAreAllNamed() async throws {
            try await withFiles { system in
                let outcome = try start(
                    system,
                    [
                        "PASS_LISTEN": "nowhere", "PASS_LOG_LEVEL": "loud",
                        "PASS_DRAIN_SECONDS": "-1",
                    ]
                )
                expectOneLine(outcome, saying: "PASS_LISTEN")
                #expect(outcome.error.contains("PASS_LOG_LEVEL"))
                #expect(outcome.error.contains("PASS_DRAIN_SECONDS"))
            }
        }

        @Test func aDamagedDatabase() async throws {
            try await withFiles { system in
                let folder = "\(system.directory)/data/agenda"
                try FileManager.default.createDirectory(
                    atPath: folder,
                    withIntermediateDirectories: true
                )
                try Data(repeating: 0x5A, count: 8_192).write(
                    to: URL(filePath: "\(folder)/agenda.sqlite")
                )
                expectOneLine(try start(system), saying: "damaged")
            }
        }

        @Test func aDatabaseThatMayOnlyBeRead() async throws {
            try await withFiles { system in
                try await started(system, "agenda")
                #expect(system.stop("agenda") == 0)
                let data = "\(system.directory)/data"
                let nobody = "65534"
                var runner: [String] = []
                if getuid() == 0 {
                    // To root every file is writable: it runs the process as nobody.
                    let keys = "\(system.directory)/certificates"
                    try run("/bin/chown", "-R", nobody, keys, data)
                    try run("/bin/chmod", "755", system.directory)
                    try run("/bin/chown", "root", "\(data)/agenda/agenda.sqlite")
                    runner = [
                        "/usr/bin/setpriv", "--reuid", nobody, "--regid", nobody, "--clear-groups",
                    ]
                }
                try run("/bin/chmod", "444", "\(data)/agenda/agenda.sqlite")
                expectOneLine(try start(system, runner: runner), saying: "cannot be written to")
                try run("/bin/chmod", "555", "\(data)/agenda")
                try run("/bin/chmod", "444", "\(data)/agenda/agenda.lock")
                expectOneLine(try start(system, runner: runner), saying: "cannot be used")
                try run("/bin/chmod", "-R", "u+w", data)
            }
        }

        @Test func aDatabaseInUse() async throws {
            try await withFiles { system in
                try await started(system, "agenda")
                let outcome = try start(system, ["PASS_LISTEN": "127.0.0.1:0"])
                expectOneLine(outcome, saying: "in use")
            }
        }

        @Test func aDataDirectoryThatIsAFile() async throws {
            try await withFiles { system in
                let path = "\(system.directory)/file"
                try Data().write(to: URL(filePath: path))
                expectOneLine(try start(system, ["PASS_DATA": path]), saying: path)
            }
        }
    }
}
