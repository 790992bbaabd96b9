import ArgumentParser
import Foundation
import TLS

/// Runs the conformance cases against a server.
@main
struct RPCConformance: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rpc-conformance",
        abstract: "Checks whether a server speaks pass-rpc/1 as proto/PROTOCOL.md says.",
        discussion: """
            The server has to serve pass.rpc.v1.Echo, as rpc-echo does. Prints a line for each case.

            Exit codes: 0 when all cases pass; 1 when one does not; 64 for a wrong command line.
            """
    )

    @Option(help: "The server, host:port.")
    var target: String

    @Option(help: "PEM file of the authority that the server's certificate comes from.")
    var ca: String

    @Option(help: "PEM file of a certificate to show; its key is in --key.")
    var certificate: String?

    @Option(help: "PEM file of the certificate's key.")
    var key: String?

    @Option(help: "The service that the server's certificate has to name; by default any.")
    var service: String?

    @Option(help: "The folder of the cases.")
    var cases = "Tests/Conformance"

    @Option(help: "Run only the cases whose name contains this.")
    var filter: String?

    @Flag(help: "Run the cases that take longer than a few seconds, too.")
    var slow = false

    @Flag(help: "Name the cases and run none.")
    var list = false

    func run() async throws {
        let chosen = try chooseCases()
        guard !list else {
            for test in chosen { print(test.name) }
            return
        }
        let runner = CaseRunner(target: try server())
        var failures = 0
        for test in chosen {
            if let failure = await runner.run(test) {
                failures += 1
                print("FAIL \(test.name): \(failure)")
            } else {
                print("ok   \(test.name)")
            }
            // Whoever watches wants each line as it comes.
            fflush(nil)
        }
        print("\(chosen.count - failures) of \(chosen.count) cases passed.")
        if failures > 0 { throw ExitCode.failure }
    }

    private func chooseCases() throws -> [Case] {
        let all: [Case]
        do {
            all = try Case.read(cases)
        } catch {
            throw ValidationError("\(error)")
        }
        let chosen = all.filter { test in
            (slow || !test.isSlow) && (filter.map { test.name.contains($0) } ?? true)
        }
        guard !chosen.isEmpty else { throw ValidationError("No case is named so.") }
        return chosen
    }

    private func server() throws -> Target {
        guard let colon = target.lastIndex(of: ":"),
            let port = Int(target[target.index(after: colon)...]), port > 0, port < 65_536
        else { throw ValidationError("--target is host:port, not \"\(target)\".") }
        guard (certificate == nil) == (key == nil) else {
            throw ValidationError("--certificate and --key go together.")
        }
        return Target(
            host: String(target[..<colon]),
            port: port,
            authorityPath: ca,
            certificatePath: certificate,
            keyPath: key,
            expected: service.map(TLSPeer.service) ?? .anyone
        )
    }
}
