import ArgumentParser

/// Measures the RPC stack of this repository: calls, handshakes, idle connections.
///
/// All of it over mutual TLS 1.3 with AES-128-GCM, through the same code that the services run.
@main
struct RPCBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rpc-bench",
        abstract: "Measures the RPC stack.",
        discussion: """
            Certificates are those of `deploy/certs DIR bench`. Run the server and what loads it as
            two processes, each held to a core of its own (`taskset -c 0`, `taskset -c 1`).
            """,
        subcommands: [Server.self, Client.self, Handshakes.self, Idle.self]
    )
}
