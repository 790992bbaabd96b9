import ArgumentParser
import ClientKit
import RPC

extension PassEmploi {
    /// The commands `pe rpc …`, for looking into running processes.
    struct RPCCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rpc",
            abstract: "Looks into the connections and calls of a running process.",
            subcommands: [RPCStatus.self]
        )
    }

    /// The command `pe rpc status`.
    struct RPCStatus: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status",
            abstract: "Shows what a process is doing: connections, streams, limits, slow calls.",
            discussion: """
                Asks with the operator's certificate. The gateway, whose door for clients asks for \
                none, answers at its door for operators (PASS_GATEWAY_OPERATORS, 127.0.0.1:7444); \
                so does every process that is told PASS_OPERATOR_LISTEN, and while it stops as well.
                """
        )

        @Argument(help: "A service's name, or host:port.")
        var target: String

        @Flag(help: "One JSON object, for machines.")
        var json = false

        @Option(help: "How many connections to show, those that hold most first.")
        var connections: UInt32 = 20

        @Option(help: "How many streams to show, those that hold most first, then the oldest.")
        var streams: UInt32 = 20

        func run() async throws {
            let request = ServerStatusRequest(connectionsMax: connections, streamsMax: streams)
            let status = try await Deployment().withClient(of: target, asOperator: true) {
                client in
                try await IntrospectionClient(client).status(
                    request,
                    options: CallOptions(timeout: .seconds(5))
                )
            }
            if json {
                print(try status.jsonString())
            } else {
                for line in StatusText(status).lines { print(line) }
            }
        }
    }
}
