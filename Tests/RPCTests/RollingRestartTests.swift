import NIOCore
import NIOPosix
import Synchronization
import TLS
import TestSupport
import Testing

@testable import RPC

/// Replicas that stop and start one after the other while calls are made.
@Suite struct RollingRestartTests {
    /// A method whose calls must not be made twice.
    private static let once = Method<EchoMessage, EchoMessage>(
        service: "pass.rpc.v1.Echo",
        name: "Unary",
        kind: .unary,
        roles: [],
        peers: [],
        isIdempotent: false,
        timeout: .seconds(10)
    )

    /// What the callers saw.
    private final class Tally: Sendable {
        let isOver = Atomic<Bool>(false)
        let answered = Atomic<Int>(0)
        let failures = Mutex<[String]>([])
    }

    private struct OnceService: RPCService {
        static let descriptor = EchoMethods.service
        var methods: [RPCMethod] { [.unary(once) { request, _ in request }] }
    }

    @Test(.timeLimit(.minutes(1))) func noCallFails() async throws {
        let certificates = try TestCertificates.shared()
        let tls = TLSServer(try certificates.server("echo"))
        var servers: [RPCServer] = []
        var ports: [Int] = []
        for _ in 0..<2 {
            let server = Self.server(tls)
            ports.append(try await server.bind(host: "127.0.0.1", port: 0))
            servers.append(server)
        }
        let client = RPCClient(
            target: RPCTarget(
                name: "echo",
                addresses: ports.map { RPCAddress(host: "127.0.0.1", port: $0) }
            ),
            configuration: RPCClientConfiguration(instance: "test", logger: silentLogger),
            tls: TLSClient(try certificates.client("messaging")),
            group: MultiThreadedEventLoopGroup.singleton
        )
        let tally = Tally()
        try await withThrowingTaskGroup(of: Void.self) { callers in
            for _ in 0..<8 {
                callers.addTask {
                    while !tally.isOver.load(ordering: .relaxed) {
                        do {
                            _ = try await client.unary(Self.once, EchoMessage(body: [1]))
                            tally.answered.wrappingAdd(1, ordering: .relaxed)
                        } catch {
                            tally.failures.withLock { $0.append("\(error)") }
                        }
                    }
                }
            }
            for _ in 0..<5 {
                for index in servers.indices {
                    // Each replica has work to do before it is asked to stop.
                    let before = tally.answered.load(ordering: .relaxed)
                    while tally.answered.load(ordering: .relaxed) < before + 50 {
                        await Task.yield()
                    }
                    await servers[index].drain(within: .seconds(5))
                    servers[index] = Self.server(tls)
                    _ = try await servers[index].bind(host: "127.0.0.1", port: ports[index])
                }
            }
            tally.isOver.store(true, ordering: .relaxed)
            try await callers.waitForAll()
        }
        #expect(tally.failures.withLock { $0 } == [])
        await client.close()
        for server in servers { await server.drain(within: .seconds(1)) }
    }

    private static func server(_ tls: TLSServer) -> RPCServer {
        RPCServer(
            services: [OnceService()],
            configuration: RPCServerConfiguration(instance: "replica", logger: silentLogger),
            tls: tls,
            group: MultiThreadedEventLoopGroup.singleton
        )
    }
}
