import ArgumentParser

/// The command line of Pass emploi.
@main
struct PassEmploi: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pe",
        abstract: "Calls, checks and fills a running Pass emploi.",
        discussion: """
            Where things are is told by the environment:
              PASS_GATEWAY         host:port of the gateway (127.0.0.1:7443)
              PASS_GATEWAY_OPERATORS    host:port of the gateway's door for operators (127.0.0.1:7444)
              PASS_CERTIFICATES    directory of ca.pem, operator.pem, operator.key (.run/certificates)
              PASS_ACCOUNTS …      host:port of accounts, messaging, agenda, actions, offers
                                   (127.0.0.1:7401 to 7405), for what operators call directly
              PASS_SESSION         file of the session that `pe sign-in` opened
                                   (~/.config/pass-emploi/session)

            Exit codes: 0 success; 64 + N when a call ends with status N; 2 for a wrong command line;
            1 for anything else.
            """,
        subcommands: [
            List.self, Describe.self, Call.self, Health.self, SignIn.self, SignOut.self,
            Import.self, Generate.self, OffersCommand.self, Activate.self, Tour.self,
            RPCCommand.self,
        ]
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
            Failure.exit(with: error)
        }
    }
}
