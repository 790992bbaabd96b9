import Logging
import NIOCore
import NIOPosix
import RPC
import Synchronization
import Testing

/// Client and server together: what crosses both.
@Suite struct EndToEndTests {
    @Test func aMessageLargerThanTheWindowPasses() async throws {
        try await withEcho { echo in
            let size = Limits.messageBytesDefault - 100
            let message = EchoMessage(body: Array(repeating: 7, count: size))
            let sizes = try await echo.bidi { writer, stream in
                async let written: Void = {
                    for _ in 0..<4 { try await writer.write(message) }
                    writer.finish()
                }()
                var sizes: [Int] = []
                for try await answer in stream { sizes.append(answer.body.count) }
                try await written
                return sizes
            }
            #expect(sizes == Array(repeating: size, count: 4))
        }
    }

    @Test func anUnreadStreamHoldsUpNoOther() async throws {
        try await withEcho { echo in
            let large = EchoMessage(body: Array(repeating: 1, count: 100_000), repeat: 1000)
            let read = try await echo.serverStream(large) { unread in
                // Its window is full long before this.
                for number in UInt8(0)..<50 {
                    let answer = try await echo.unary(EchoMessage(body: [number]))
                    #expect(answer.body == [number])
                }
                var read = 0
                for try await _ in unread { read += 1 }
                return read
            }
            #expect(read == 1000)
        }
    }

    @Test func theServerStopsWritingToAClientThatDoesNotRead() async throws {
        let written = Mutex(0)
        let service = ScriptedService { _, responses, _ in
            while true {
                try await responses.write(EchoMessage(body: Array(repeating: 0, count: 1000)))
                written.withLock { $0 += 1 }
            }
        }
        try await withInProcessServer([service]) { client in
            let echo = EchoClient(client)
            try await echo.serverStream(EchoMessage()) { stream in
                var messages = stream.makeAsyncIterator()
                _ = try await messages.next()
                for _ in 0..<20 { _ = try? await echo.unary(EchoMessage()) }
            }
        }
        // One window of messages, and the one that took the credit below zero.
        #expect(written.withLock { $0 } <= Limits.windowBytesDefault / 1000 + 2)
    }

    @Test func cancellingACallerCancelsTheHandlerAndTheCallsItMade() async throws {
        let (ended, note) = AsyncStream.makeStream(of: String.self)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let inner = ScriptedService { _, _, _ in
            begin.yield()
            defer { note.yield("inner") }
            try await waitForCancellation()
        }
        try await withInProcessServer([inner]) { innerClient in
            let outer = ScriptedService { request, _, _ in
                defer { note.yield("outer") }
                try await EchoClient(innerClient).serverStream(request) { stream in
                    for try await _ in stream {}
                }
            }
            try await withInProcessServer([outer]) { client in
                let caller = Task {
                    try await EchoClient(client).serverStream(EchoMessage()) { stream in
                        for try await _ in stream {}
                    }
                }
                for await _ in begun { break }
                caller.cancel()
                var who: Set<String> = []
                for await one in ended where who.insert(one).inserted && who.count == 2 { break }
                #expect(who == ["inner", "outer"])
                await #expect(throws: (any Error).self) { try await caller.value }
            }
        }
    }

    @Test func aDeadlineTravelsToTheInnermostHandler() async throws {
        let seen = Mutex<[NIODeadline?]>([])
        let inner = ScriptedService { _, _, call in seen.withLock { $0.append(call.deadline) } }
        try await withInProcessServer([inner]) { innerClient in
            let outer = ScriptedService { request, _, call in
                seen.withLock { $0.append(call.deadline) }
                #expect(CallContext.inheritedDeadline == call.deadline)
                try await EchoClient(innerClient).serverStream(request) { stream in
                    for try await _ in stream {}
                }
            }
            try await withInProcessServer([outer]) { client in
                let options = CallOptions(timeout: .seconds(30))
                try await EchoClient(client).serverStream(EchoMessage(), options: options) { stream in
                    for try await _ in stream {}
                }
            }
        }
        let deadlines = seen.withLock { $0 }
        #expect(deadlines.count == 2)
        let limit = NIODeadline.now() + .seconds(30)
        for deadline in deadlines { #expect(try #require(deadline) < limit) }
    }

    @Test func anErrorThatIsNobodysBusinessIsInternalAndLoggedOnce() async throws {
        struct Secret: Error { let word = "swordfish" }
        let log = RecordedLog()
        let service = ScriptedService { _, _, _ in throw Secret() }
        let configuration = RPCServerConfiguration(instance: "t", logger: log.logger)
        try await withInProcessServer([service], configuration: configuration) { client in
            let error = await #expect(throws: RPCError.self) {
                try await EchoClient(client).serverStream(EchoMessage()) { stream in
                    for try await _ in stream {}
                }
            }
            #expect(error?.code == .internal)
            #expect(error?.message == "Internal error.")
            let request = try #require(error?.metadata["request-id"])
            let lines = log.lines.filter { $0.contains("swordfish") }
            #expect(lines.count == 1)
            #expect(lines.first?.contains(request) == true)
        }
    }

    @Test func aDomainsFailureCrossesAsItSays() async throws {
        struct Taken: RPCFailure {
            var rpcError: RPCError { RPCError(.alreadyExists, "Taken.", isNotProcessed: true) }
        }
        let service = ScriptedService { _, _, _ in throw Taken() }
        try await withInProcessServer([service]) { client in
            let error = await #expect(throws: RPCError.self) {
                try await EchoClient(client).serverStream(EchoMessage()) { stream in
                    for try await _ in stream {}
                }
            }
            // A handler saw the call, whatever the error says.
            #expect(error == RPCError(.alreadyExists, "Taken."))
        }
    }

    @Test func authorisationComesBeforeTheHandler() async throws {
        let configuration = RPCServerConfiguration(
            instance: "t",
            authorize: { call in
                guard call.metadata["pass"] == "yes", call.peer == .service("gateway") else {
                    throw RPCError(.permissionDenied, "No.")
                }
            }
        )
        try await withInProcessServer([EchoService()], configuration: configuration) { client in
            let echo = EchoClient(client)
            let error = await #expect(throws: RPCError.self) { try await echo.unary(EchoMessage()) }
            #expect(error == RPCError(.permissionDenied, "No.", isNotProcessed: true))
            let options = CallOptions(metadata: ["pass": "yes"])
            let answer = try await echo.unary(EchoMessage(body: [1]), options: options)
            #expect(answer.body == [1])
        }
    }

    @Test func aClosedClientSaysSo() async throws {
        try await withInProcessServer([EchoService()]) { client in
            _ = try await EchoClient(client).unary(EchoMessage())
            await client.close()
            let error = await #expect(throws: RPCError.self) {
                try await EchoClient(client).unary(EchoMessage())
            }
            #expect(error?.code == .unavailable)
            #expect(error?.isNotProcessed == true)
        }
    }
}

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
            let set = try await ReflectionClient(client).describe(DescribeRequest()).fileDescriptorSet
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
            for name in ["echo", "health", "reflection"] {
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

/// An echo whose server stream does as told; its unary call answers.
struct ScriptedService: EchoServer {
    let script: @Sendable (EchoMessage, ResponseWriter<EchoMessage>, CallContext) async throws -> Void

    init(
        _ script: @escaping @Sendable (
            EchoMessage, ResponseWriter<EchoMessage>, CallContext
        ) async throws -> Void
    ) {
        self.script = script
    }

    func unary(_ request: EchoMessage, _ call: CallContext) async throws -> EchoMessage { request }

    func serverStream(
        _ request: EchoMessage,
        _ responses: ResponseWriter<EchoMessage>,
        _ call: CallContext
    ) async throws {
        try await script(request, responses, call)
    }

    func clientStream(
        _ requests: RequestStream<EchoMessage>,
        _ call: CallContext
    ) async throws -> EchoMessage { EchoMessage() }

    func bidi(
        _ requests: RequestStream<EchoMessage>,
        _ responses: ResponseWriter<EchoMessage>,
        _ call: CallContext
    ) async throws {}
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

/// Keeps log lines to look at.
final class RecordedLog: Sendable {
    private let recorded = Mutex<[String]>([])

    var lines: [String] { recorded.withLock { $0 } }

    var logger: Logger { Logger(label: "recorded") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.recorded.withLock { lines in
                lines.append("\(event.message) \(event.metadata ?? [:])")
            }
        }
    }
}
