import Glibc
import NIOCore
import NIOPosix
import Synchronization
import TLS
import TestSupport
import Testing

@testable import RPC

/// Servers on the loopback interface that are not what they should be: the caller learns what is
/// wrong, no later than its deadline, and another replica is not held up by it.
@Suite struct BadReplicaTests {
    /// What a server does with a connection.
    enum Conduct: Sendable, CaseIterable {
        /// Accepts and says nothing, not even a TLS answer.
        case silent
        /// Shakes hands by TLS, and then says nothing.
        case silentAfterHandshake
        /// Ends every connection with a reset.
        case reset
        /// Reads and closes.
        case closed
        /// Speaks HTTP.
        case foreign
        /// Shows a certificate of another authority.
        case otherAuthority
        /// Shows a certificate of another service.
        case otherName
        /// Is not there.
        case absent
    }

    /// How the caller learns of it.
    private static func expected(_ conduct: Conduct) -> (RPCError.Code, String) {
        switch conduct {
        case .silent: (.deadlineExceeded, "does not answer")
        case .silentAfterHandshake: (.deadlineExceeded, "has said nothing yet")
        case .reset: (.unavailable, "Connection reset by peer")
        case .closed: (.unavailable, "closed the connection during the TLS handshake")
        case .foreign: (.unavailable, "TLS")
        case .otherAuthority: (.unavailable, "certificate")
        case .otherName: (.unavailable, "agenda")
        case .absent: (.unavailable, "Connection refused")
        }
    }

    @Test(arguments: Conduct.allCases)
    func theCallerLearnsWhatIsWrongWithinItsDeadline(conduct: Conduct) async throws {
        try await withServer(conduct) { port in
            let client = try Self.client([port])
            let begin = NIODeadline.now()
            let options = CallOptions(timeout: .milliseconds(500))
            let error = await #expect(throws: RPCError.self) {
                try await EchoClient(client).unary(EchoMessage(), options: options)
            }
            // Far less than the limits of handshake and HELLO.
            #expect(NIODeadline.now() - begin < .seconds(4))
            let (code, text) = Self.expected(conduct)
            #expect(error?.code == code)
            #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
            await client.close()
        }
    }

    @Test(arguments: Conduct.allCases)
    func aGoodReplicaBesideItAnswersEveryCall(conduct: Conduct) async throws {
        try await withServer(conduct) { bad in
            let certificates = try TestCertificates.shared()
            let server = RPCServer(
                services: [EchoService()],
                configuration: RPCServerConfiguration(instance: "good", logger: silentLogger),
                tls: TLSServer(try certificates.server("echo")),
                group: MultiThreadedEventLoopGroup.singleton
            )
            let good = try await server.bind(host: "127.0.0.1", port: 0)
            let client = try Self.client([bad, good])
            for number in UInt8(0)..<30 {
                let answer = try await EchoClient(client).unary(EchoMessage(body: [number]))
                #expect(answer.body == [number])
            }
            let status = await client.status()
            let ready = status.endpoints.filter { $0.phase == .ready }
            #expect(ready.map(\.address) == ["127.0.0.1:\(good)"])
            await client.close()
            await server.drain(within: .seconds(1))
        }
    }

    @Test func aNameThatDoesNotResolveIsNamed() async throws {
        let client = RPCClient(
            target: RPCTarget(name: "echo", host: "no-such-host.invalid", port: 7),
            configuration: RPCClientConfiguration(instance: "test", logger: silentLogger),
            tls: nil,
            group: MultiThreadedEventLoopGroup.singleton
        )
        let error = await #expect(throws: RPCError.self) {
            try await EchoClient(client).unary(EchoMessage())
        }
        #expect(error?.code == .unavailable)
        #expect(error?.isNotProcessed == true)
        let text = "echo cannot be reached: the name \"no-such-host.invalid\" does not resolve"
        #expect(error?.message.hasPrefix(text) == true, "\(error?.message ?? "")")
        await client.close()
    }

    private static func client(_ ports: [Int]) throws -> RPCClient {
        let addresses = ports.map { RPCAddress(host: "127.0.0.1", port: $0) }
        return RPCClient(
            target: RPCTarget(name: "echo", addresses: addresses),
            configuration: RPCClientConfiguration(instance: "test", logger: silentLogger),
            tls: TLSClient(try TestCertificates.shared().client("messaging")),
            group: MultiThreadedEventLoopGroup.singleton
        )
    }

    private func withServer(
        _ conduct: Conduct,
        _ body: (Int) async throws -> Void
    ) async throws {
        let tls = try tlsServer(conduct)
        let children = Mutex<[any Channel]>([])
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                children.withLock { $0.append(channel) }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(tls.makeHandler()) }
                    try pipeline.addHandler(ConductHandler(conduct: conduct))
                }
            }
        let listener = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        if conduct == .absent { try await listener.close() }
        do {
            try await body(port)
        } catch {
            Issue.record(error)
        }
        if conduct != .absent { try await listener.close() }
        for child in children.withLock({ $0 }) { try? await child.close() }
    }

    private func tlsServer(_ conduct: Conduct) throws -> TLSServer? {
        switch conduct {
        case .silent, .reset, .closed, .foreign, .absent: nil
        case .silentAfterHandshake: TLSServer(try TestCertificates.shared().server("echo"))
        case .otherName: TLSServer(try TestCertificates.shared().server("agenda"))
        case .otherAuthority: TLSServer(try TestCertificates(["echo"]).server("echo"))
        }
    }
}

/// Does with a connection as told.
private final class ConductHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let conduct: BadReplicaTests.Conduct

    init(conduct: BadReplicaTests.Conduct) {
        self.conduct = conduct
    }

    func channelActive(context: ChannelHandlerContext) {
        switch conduct {
        case .reset:
            // Lingering for no time makes the kernel send a reset.
            let socket = context.channel as? any SocketOptionProvider
            let channel = context.channel
            socket?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in
                channel.close(promise: nil)
            }
        default: break
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch conduct {
        case .closed: context.close(promise: nil)
        case .foreign:
            let answer = ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\n\r\n")
            context.writeAndFlush(NIOAny(answer), promise: nil)
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
