import ArgumentParser
import Logging
import NIOPosix
import RPC

/// Serves `pass.rpc.v1.Echo` until it is ended.
struct Server: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves Echo over mutual TLS; prints its port once it listens."
    )

    @OptionGroup var certificates: Certificates

    @Option(help: "A port on 127.0.0.1; 0 for any free one.")
    var port = 0

    @Option(help: "Event loops, one thread each.")
    var loops = 1

    @Option(help: "End after so many seconds, so that none is left running.")
    var seconds = 3600

    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
        let server = RPCServer(
            services: [EchoService()],
            configuration: RPCServerConfiguration(
                instance: Certificates.name,
                connectionsMax: 20_000,
                logger: Logger(label: "rpc-bench") { _ in SwiftLogNoOpLogHandler() }
            ),
            tls: TLSServer(try certificates.server()),
            group: group
        )
        let port = try await server.bind(host: Target.host, port: port)
        writeLine("\(port)")
        try await Task.sleep(for: .seconds(seconds))
        await server.drain(within: .seconds(1))
    }
}
