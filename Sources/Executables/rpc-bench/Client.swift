import ArgumentParser
import Histogram
import Logging
import NIOCore
import NIOPosix
import RPC

/// Calls Echo in a closed loop: each caller sends its next call when the last is answered.
struct Client: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Loads a server in a closed loop and tells rate, latency and cost of a call."
    )

    @OptionGroup var target: Target

    @Option(help: "Connections.")
    var connections = 16

    @Option(help: "Calls under way on each connection.")
    var inFlight = 1

    @Option(help: "Bytes of the message's body, each way.")
    var bytes = 64

    @Option(help: "Seconds that are measured.")
    var duration = 5.0

    @Option(help: "Seconds before, which are not.")
    var warmUp = 1.0

    func validate() throws {
        guard (1...10_000).contains(connections) else {
            throw ValidationError("--connections takes 1 to 10000.")
        }
        guard (1...256).contains(inFlight) else {
            throw ValidationError("--in-flight takes 1 to 256: more wait for a free stream.")
        }
        guard (0...1_000_000).contains(bytes) else {
            throw ValidationError("--bytes takes 0 to 1000000.")
        }
        guard (0.1...3600).contains(duration), (0...3600).contains(warmUp) else {
            throw ValidationError("--duration takes 0.1 to 3600 seconds, --warm-up 0 to 3600.")
        }
    }

    func run() async throws {
        let loop = ClosedLoop(
            inFlight: inFlight,
            request: EchoMessage(body: (0..<bytes).map { UInt8(truncatingIfNeeded: $0) }),
            warmUp: .nanoseconds(Int64(warmUp * 1e9)),
            duration: .nanoseconds(Int64(duration * 1e9))
        )
        let group = MultiThreadedEventLoopGroup(numberOfThreads: target.loops)
        let tls = TLSClient(try target.certificates.client())
        // A client keeps one connection per event loop: given one loop each, they are as many.
        let lanes = (0..<connections).map { _ in Lane(group.next(), tls, port: target.port) }
        let outcome = try await loop.run(lanes, serverID: target.serverPid)
        for lane in lanes { await lane.client.close() }
        report(outcome).write(asJSON: target.json)
    }

    private func report(_ outcome: ClosedLoop.Outcome) -> Report {
        let calls = Double(outcome.latencies.totalCount)
        func micro(_ percentile: Double) -> Double {
            Double(outcome.latencies.valueAtPercentile(percentile)) / 1000
        }
        func perCall(_ count: UInt64?) -> Double? { count.map { Double($0) / calls } }
        let rate = calls / duration
        var report = Report()
        report.add("calls_per_second", rate)
        report.add("p50_us", micro(50), "µs")
        report.add("p99_us", micro(99), "µs")
        report.add("client_cpu_us_per_call", outcome.client.cpuSeconds * 1e6 / calls, "µs")
        report.add("client_cores", outcome.client.cpuSeconds / duration)
        report.add("client_allocations_per_call", perCall(outcome.client.allocations))
        report.add(
            "server_cpu_us_per_call",
            outcome.server.map { $0.cpuSeconds * 1e6 / calls },
            "µs"
        )
        report.add("server_cores", outcome.server.map { $0.cpuSeconds / duration })
        report.add("server_allocations_per_call", perCall(outcome.server?.allocations))
        return report
    }
}

/// One connection: a client that lives on one event loop.
struct Lane {
    let eventLoop: any EventLoop
    let client: RPCClient

    init(_ eventLoop: any EventLoop, _ tls: TLSClient, port: Int) {
        self.eventLoop = eventLoop
        client = RPCClient(
            target: RPCTarget(name: Certificates.name, host: Target.host, port: port),
            configuration: RPCClientConfiguration(
                instance: Certificates.name,
                logger: Logger(label: "rpc-bench") { _ in SwiftLogNoOpLogHandler() }
            ),
            tls: tls,
            group: eventLoop
        )
    }
}
