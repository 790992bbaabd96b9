import NIOCore
import NIOPosix
import RPC
import Synchronization
import TLS
import TestSupport
import Testing

/// Calls over TLS on the loopback interface: who each side is to the other.
@Suite struct SecurityTests {
    @Test func mutualCertificatesTellTheHandlerWhoCalls() async throws {
        let certificates = try TestCertificates.shared()
        let peers = Mutex<[PeerIdentity]>([])
        let services = [ScriptedService { _, _, call in peers.withLock { $0.append(call.peer) } }]
        let tls = TLSServer(try certificates.server("echo"))
        try await withTLSServer(services, tls) { port in
            let client = client("echo", port, TLSClient(try certificates.client("messaging")))
            try await EchoClient(client).serverStream(EchoMessage()) { stream in
                for try await _ in stream {}
            }
            await client.close()
        }
        #expect(peers.withLock { $0 } == [.service("messaging")])
    }

    @Test func aClientWithoutCertificateIsAnonymousWhereNoneIsAskedFor() async throws {
        let certificates = try TestCertificates.shared()
        let peers = Mutex<[PeerIdentity]>([])
        let services = [ScriptedService { _, _, call in peers.withLock { $0.append(call.peer) } }]
        let tls = TLSServer(try certificates.server("echo", requiresPeerCertificate: false))
        try await withTLSServer(services, tls) { port in
            let client = client("echo", port, TLSClient(try certificates.client(nil)))
            try await EchoClient(client).serverStream(EchoMessage()) { stream in
                for try await _ in stream {}
            }
            await client.close()
        }
        #expect(peers.withLock { $0 } == [.anonymous])
    }

    @Test func aClientWithoutCertificateIsRefusedWhereOneIsAskedFor() async throws {
        let certificates = try TestCertificates.shared()
        let tls = TLSServer(try certificates.server("echo"))
        try await withTLSServer([EchoService()], tls) { port in
            let client = client("echo", port, TLSClient(try certificates.client(nil)))
            let error = await #expect(throws: RPCError.self) {
                try await EchoClient(client).unary(EchoMessage())
            }
            #expect(error?.code == .unavailable)
            await client.close()
        }
    }

    @Test func aServerOfAnotherNameIsNotCalled() async throws {
        let certificates = try TestCertificates.shared()
        let tls = TLSServer(try certificates.server("agenda"))
        try await withTLSServer([EchoService()], tls) { port in
            let client = client("echo", port, TLSClient(try certificates.client("messaging")))
            let error = await #expect(throws: RPCError.self) {
                try await EchoClient(client).unary(EchoMessage())
            }
            #expect(error?.code == .unavailable)
            #expect(error?.isNotProcessed == true)
            #expect(error?.message.contains("agenda") == true)
            await client.close()
        }
    }

    @Test func theNameInTheCertificateIsTheServicesWhateverItsAddress() async throws {
        let certificates = try TestCertificates.shared()
        let tls = TLSServer(try certificates.server("echo"))
        try await withTLSServer([EchoService()], tls) { port in
            // Where "localhost" has an IPv6 address as well, nobody listens there.
            let client = RPCClient(
                target: RPCTarget(name: "echo", host: "localhost", port: port),
                configuration: RPCClientConfiguration(instance: "test", logger: silentLogger),
                tls: TLSClient(try certificates.client("messaging")),
                group: MultiThreadedEventLoopGroup.singleton
            )
            for number in UInt8(0)..<10 {
                let answer = try await EchoClient(client).unary(EchoMessage(body: [number]))
                #expect(answer.body == [number])
            }
            await client.close()
        }
    }

    @Test func aReplicaOfAnotherNameGetsNoCallsAndHoldsUpNone() async throws {
        let certificates = try TestCertificates.shared()
        let tls = TLSServer(try certificates.server("echo"))
        let stranger = TLSServer(try certificates.server("agenda"))
        try await withTLSServer([EchoService()], tls) { port in
            try await withTLSServer([], stranger) { other in
                let addresses = [other, port].map { RPCAddress(host: "127.0.0.1", port: $0) }
                let client = RPCClient(
                    target: RPCTarget(name: "echo", addresses: addresses),
                    configuration: RPCClientConfiguration(instance: "test", logger: silentLogger),
                    tls: TLSClient(try certificates.client("messaging")),
                    group: MultiThreadedEventLoopGroup.singleton
                )
                for number in UInt8(0)..<20 {
                    let answer = try await EchoClient(client).unary(EchoMessage(body: [number]))
                    #expect(answer.body == [number])
                }
                await client.close()
            }
        }
    }

    @Test func aLargeMessageCrossesInBothDirections() async throws {
        let certificates = try TestCertificates.shared()
        let tls = TLSServer(try certificates.server("echo"))
        try await withTLSServer([EchoService()], tls) { port in
            let client = client("echo", port, TLSClient(try certificates.client("messaging")))
            let body = (0..<Limits.messageBytesDefault - 16).map { UInt8(truncatingIfNeeded: $0) }
            let answer = try await EchoClient(client).unary(EchoMessage(body: body))
            #expect(answer.body == body)
            await client.close()
        }
    }

    private func client(_ name: String, _ port: Int, _ tls: TLSClient) -> RPCClient {
        RPCClient(
            target: RPCTarget(name: name, host: "127.0.0.1", port: port),
            configuration: RPCClientConfiguration(instance: "test", logger: silentLogger),
            tls: tls,
            group: MultiThreadedEventLoopGroup.singleton
        )
    }
}

private func withTLSServer(
    _ services: [any RPCService],
    _ tls: TLSServer,
    _ body: (Int) async throws -> Void
) async throws {
    let server = RPCServer(
        services: services,
        configuration: RPCServerConfiguration(instance: "tls", logger: silentLogger),
        tls: tls,
        group: MultiThreadedEventLoopGroup.singleton
    )
    let port = try await server.bind(host: "127.0.0.1", port: 0)
    do {
        try await body(port)
    } catch {
        Issue.record(error)
    }
    await server.drain(within: .seconds(1))
}
