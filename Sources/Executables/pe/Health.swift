import ArgumentParser
import ClientKit
import Foundation
import RPC

extension PassEmploi {
    /// The command `pe health`.
    struct Health: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Asks processes whether they can do their work.",
            discussion: "Exits with 0 only if every one asked is serving."
        )

        @Argument(help: "Services' names or host:port; by default all six.")
        var targets: [String] = []

        func run() async throws {
            let names =
                targets.isEmpty
                ? ["accounts", "messaging", "agenda", "actions", "offers", "gateway"] : targets
            var isAllServing = true
            for name in names {
                let (state, isServing) = await Self.check(name)
                print("\(name.padding(toLength: 12, withPad: " ", startingAt: 0))\(state)")
                isAllServing = isAllServing && isServing
            }
            if !isAllServing { throw ExitCode(1) }
        }

        private static func check(_ name: String) async -> (String, Bool) {
            do {
                return try await Deployment().withClient(of: name) { client in
                    let answer = try await HealthClient(client).check(
                        HealthCheckRequest(),
                        options: CallOptions(timeout: .seconds(2), waitsForConnection: true)
                    )
                    return (answer.status.name, answer.status == .serving)
                }
            } catch let failure as Failure.Message {
                return (failure.text, false)
            } catch let error as any RPCFailure {
                return ("\(error.rpcError)", false)
            } catch {
                return ("\(error)", false)
            }
        }
    }
}
