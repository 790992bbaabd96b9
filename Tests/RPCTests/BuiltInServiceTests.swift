import NIOCore
import NIOPosix
import RPC
import Testing

/// The services that every server has, over TCP.
@Suite struct BuiltInServiceTests {
    @Test func healthAnswersForTheServerAndForEachService() async throws {
        try await withServer { server, client in
            let health = HealthClient(client)
            let status1 = try await health.status("")
            #expect(status1 == .serving)
            let status2 = try await health.status("pass.rpc.v1.Echo")
            #expect(status2 == .serving)
            server.setServing(false, service: "pass.rpc.v1.Echo")
            let status3 = try await health.status("pass.rpc.v1.Echo")
            #expect(status3 == .notServing)
            let status4 = try await health.status("")
            #expect(status4 == .serving)
            let error = await #expect(throws: RPCError.self) { try await health.status("nothing") }
            #expect(error?.code == .notFound)
        }
    }

    @Test func watchersHearOfChangesAndOfTheEnd() async throws {
        try await withServer { server, client in
            var seen: [ServingStatus] = []
            let error = await #expect(throws: RPCError.self) {
                try await HealthClient(client).watch(HealthCheckRequest()) { stream in
                    for try await answer in stream {
                        seen.append(answer.status)
                        switch seen.count {
                        case 1: server.setServing(false)
                        case 2: server.setServing(true)
                        default: async let _: Void = server.drain(within: .seconds(5))
                        }
                    }
                }
            }
            #expect(seen == [.serving, .notServing, .serving, .notServing])
            #expect(error?.code == .unavailable)
        }
    }

    @Test func aServiceNobodyKnowsCanBeWatched() async throws {
        try await withServer { _, client in
            let request = HealthCheckRequest(service: "nothing")
            let status = try await HealthClient(client).watch(request) { stream in
                for try await answer in stream { return answer.status }
                return .unknown
            }
            #expect(status == .serviceUnknown)
        }
    }

    @Test func reflectionDescribesEveryFileOnce() async throws {
        try await withServer { _, client in
            let set = try await ReflectionClient(client).describe(DescribeRequest())
                .fileDescriptorSet
            var names: [String] = []
            var rest = set[...]
            while let tag = rest.popFirst() {
                #expect(tag == 0x0a)
                var length = 0
                var shift = 0
                while let byte = rest.popFirst() {
                    length |= Int(byte & 0x7f) << shift
                    shift += 7
                    if byte < 0x80 { break }
                }
                let file = rest.prefix(length)
                rest = rest.dropFirst(length)
                // A FileDescriptorProto begins with its name.
                #expect(file.first == 0x0a)
                let name = file.dropFirst(2).prefix(Int(file.dropFirst().first ?? 0))
                names.append(String(decoding: name, as: UTF8.self))
            }
            #expect(Set(names).count == names.count)
            for name in ["echo", "health", "introspection", "reflection"] {
                #expect(names.contains("pass/rpc/v1/\(name).proto"))
            }
        }
    }

    @Test func aDrainedServerFinishesWhatItHasAndAcceptsNoMore() async throws {
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let (goOn, allow) = AsyncStream.makeStream(of: Void.self)
        let service = ScriptedService { request, responses, _ in
            begin.yield()
            for await _ in goOn { break }
            try await responses.write(request)
        }
        try await withServer([service]) { server, client in
            async let answer = EchoClient(client).serverStream(EchoMessage(body: [3])) { stream in
                for try await message in stream { return message.body }
                return []
            }
            for await _ in begun { break }
            async let drained: Void = server.drain(within: .seconds(20))
            // The client notices by the refused connection that its second call finds.
            let error = await #expect(throws: RPCError.self) {
                while true { _ = try await EchoClient(client).unary(EchoMessage()) }
            }
            #expect(error?.code == .unavailable)
            allow.yield()
            let body = try await answer
            #expect(body == [3])
            await drained
        }
    }

    @Test func connectionsAboveTheLimitAreTurnedAway() async throws {
        let configuration = RPCServerConfiguration(instance: "t", connectionsMax: 1)
        let group = MultiThreadedEventLoopGroup.singleton
        let server = RPCServer(
            services: [EchoService()],
            configuration: configuration,
            tls: nil,
            group: group
        )
        let port = try await server.bind(host: "127.0.0.1", port: 0)
        let target = RPCTarget(name: "echo", host: "127.0.0.1", port: port)
        let loop = group.next()
        let clients = (0..<2).map { _ in
            RPCClient(
                target: target,
                configuration: RPCClientConfiguration(instance: "t"),
                tls: nil,
                group: loop
            )
        }
        _ = try await EchoClient(clients[0]).unary(EchoMessage())
        let error = await #expect(throws: RPCError.self) {
            try await EchoClient(clients[1]).unary(EchoMessage())
        }
        #expect(error?.code == .unavailable)
        for client in clients { await client.close() }
        await server.drain(within: .seconds(1))
    }
}

/// Runs `body` with a server on a TCP port of this machine, and a client of it.
func withServer(
    _ services: [any RPCService] = [EchoService()],
    _ body: (RPCServer, RPCClient) async throws -> Void
) async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    let server = RPCServer(
        services: services,
        configuration: RPCServerConfiguration(instance: "tcp", logger: silentLogger),
        tls: nil,
        group: group
    )
    let port = try await server.bind(host: "127.0.0.1", port: 0)
    let client = RPCClient(
        target: RPCTarget(name: "echo", host: "127.0.0.1", port: port),
        configuration: RPCClientConfiguration(instance: "tcp", logger: silentLogger),
        tls: nil,
        group: group
    )
    do {
        try await body(server, client)
    } catch {
        Issue.record(error)
    }
    await client.close()
    await server.drain(within: .seconds(1))
}

extension HealthClient {
    func status(_ service: String) async throws -> ServingStatus {
        try await check(HealthCheckRequest(service: service)).status
    }
}
