import ArgumentParser
import ClientKit
import Foundation
import LoadTest
import RPC

/// The command line of the load generator.
@main
struct LoadTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loadtest",
        abstract: "Loads one service, or everything through the gateway, and says how it held.",
        discussion: """
            Where things are is told by the environment:
              PASS_GATEWAY         host:port of the gateway (127.0.0.1:7443)
              PASS_CERTIFICATES    directory of ca.pem and, for calls past the gateway, gateway.pem \
            and gateway.key (.run/certificates)
              PASS_ACCOUNTS …      host:port of accounts, messaging, agenda, actions, offers
                                   (127.0.0.1:7401 to 7405)

            People are made up from a seed; bring them in first: pe import people --synthetic 400000

            Exit codes: 0 success; 99 when a --fail-if came true or no rate was found; 2 for a wrong \
            command line or file; 1 for anything else.
            """,
        subcommands: [
            MethodCommand.self, ScenarioCommand.self, LiveCommand.self, CompareCommand.self,
        ],
        defaultSubcommand: MethodCommand.self
    )

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            exit(with: error)
        }
    }

    /// Prints an error as one would want to read it and ends the process.
    private static func exit(with error: any Error) -> Never {
        switch error {
        case let failure as CommandFailure:
            Terminal.say(failure.text)
            Foundation.exit(failure.code)
        case let exit as ExitCode:
            Foundation.exit(exit.rawValue)
        case let failure as any RPCFailure:
            Terminal.say("\(failure.rpcError)")
            Foundation.exit(1)
        case is TemplateFault, is ObjectiveFault:
            Terminal.say("\(error)")
            Foundation.exit(2)
        default:
            let code = exitCode(for: error)
            let text = fullMessage(for: error)
            if code == .success { print(text) } else { Terminal.say(text) }
            Foundation.exit(code == .validationFailure ? 2 : code.rawValue)
        }
    }
}
