import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import RPC

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

    @Test func bothEndsAskWhetherAnIdlePeerIsStillThere() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let server = RPCServer(
            services: [EchoService()],
            configuration: RPCServerConfiguration(instance: "tcp", logger: silentLogger),
            tls: nil,
            group: group
        )
        let client = RPCClient(
            target: RPCTarget(
                name: "echo",
                host: "127.0.0.1",
                port: try await server.bind(host: "127.0.0.1", port: 0)
            ),
            configuration: RPCClientConfiguration(instance: "tcp", logger: silentLogger),
            tls: nil,
            group: group.next()
        )
        _ = try await EchoClient(client).unary(EchoMessage())
        let loop = client.loops[0]
        let own = try await loop.eventLoop.submit { loop.endpoints[0].ready?.channel }.get()
        let channels = server.shared.connections.open.map(\.channel) + [try #require(own)]
        #expect(channels.count == 2)
        // Linux's `TCP_KEEPIDLE`.
        let idle = ChannelOptions.Types.SocketOption(
            level: .tcp,
            name: NIOBSDSocket.Option(rawValue: 4)
        )
        for channel in channels {
            #expect(try await channel.getOption(.socketOption(.so_keepalive)).get() == 1)
            #expect(try await channel.getOption(idle).get() == 300)
        }
        await client.close()
        await server.drain(within: .seconds(1))
    }

    @Test func anUnreadStreamHoldsUpNoOther() async throws {
        try await withEcho { echo in
            let large = EchoMessage(body: Array(repeating: 1, count: 100_000), repeat: 100)
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
            #expect(read == 100)
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
                try await EchoClient(client).serverStream(EchoMessage(), options: options) {
                    stream in
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
