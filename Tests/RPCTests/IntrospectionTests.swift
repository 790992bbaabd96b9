import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import RPC

/// What a server tells of itself.
@Suite struct IntrospectionTests {
    private static let configuration = RPCServerConfiguration(
        instance: "echo-1",
        logger: silentLogger
    )

    @Test func theOperatorSeesConnectionsStreamsAndMethods() async throws {
        let configuration = RPCServerConfiguration(
            instance: "echo-1",
            endpoints: { [EndpointStatus(target: "agenda", address: "10.0.0.7:7403")] },
            logger: silentLogger
        )
        try await withInProcessServer(
            [StubbornService()],
            peer: .service("operator"),
            configuration: configuration
        ) { client in
            let status: ServerStatus = try await EchoClient(client).bidi { writer, _ in
                try await writer.write(EchoMessage(body: [1, 2, 3]))
                // The look may go by another connection, and come before the message.
                while true {
                    let status = try await IntrospectionClient(client).status(ServerStatusRequest())
                    if status.streams.contains(where: { $0.unreadBytes > 0 }) { return status }
                }
            }
            #expect(status.instance == "echo-1")
            #expect(status.connectionsOpen >= 1)
            #expect(status.bufferedBytesMax == 64 << 20)
            let connection = try #require(status.connections.first { $0.streams > 0 })
            #expect(connection.peer == "operator")
            #expect(connection.instance == "in-process")
            #expect(connection.phase == "open")
            #expect(connection.receivedBytes > 0)
            #expect(connection.sentBytes > 0)
            let stream = try #require(status.streams.first { $0.method.hasSuffix("Echo/Bidi") })
            #expect(stream.phase == "at work")
            #expect(stream.receiveCredit == Int64(Limits.windowBytesDefault) - 5)
            #expect(stream.unreadBytes == 5 + UInt64(Limits.messageOverheadBytes))
            let bidi = try #require(status.methods.first { $0.method.hasSuffix("Echo/Bidi") })
            #expect(bidi.atWork == 1)
            #expect(bidi.limit == 0)
            #expect(status.endpoints.map(\.target) == ["agenda"])
        }
    }

    @Test func aSlowCallThatIsCancelledIsToldOfAtOnce() throws {
        let raw = try RawConnection(
            [StubbornService()],
            configuration: RPCServerConfiguration(
                instance: "raw",
                slowCall: .zero,
                logger: silentLogger
            )
        )
        try raw.request(1)
        let cancel = RPCError(.cancelled, "Never mind.").statusHeader()
        try raw.send(.reset, stream: 1, header: cancel)
        #expect(raw.connection.loop.slowCalls.all.map(\.code) == [.cancelled])
        #expect(raw.connection.unflushedSlow.isEmpty)
        try raw.close()
    }

    @Test(arguments: [PeerIdentity.anonymous, .service("gateway")])
    func nobodyElseDoes(peer: PeerIdentity) async throws {
        try await withInProcessServer(
            [EchoService()],
            peer: peer,
            configuration: Self.configuration
        ) { client in
            let error = await #expect(throws: RPCError.self) {
                try await IntrospectionClient(client).status(ServerStatusRequest())
            }
            #expect(error?.code == .permissionDenied)
        }
    }

    @Test func rowsAreAsManyAsAskedForButTheCountsAreOfAll() async throws {
        try await withInProcessServer(
            [StubbornService()],
            peer: .service("operator"),
            configuration: Self.configuration
        ) { client in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for _ in 0..<30 {
                    tasks.addTask {
                        try await EchoClient(client).serverStream(EchoMessage()) { stream in
                            for try await _ in stream {}
                        }
                    }
                }
                let introspection = IntrospectionClient(client)
                var status = try await introspection.status(ServerStatusRequest(streamsMax: 7))
                // The calls go out one after the other; the look has to come behind the last.
                while status.streamsOpen < 31 {
                    status = try await introspection.status(ServerStatusRequest(streamsMax: 7))
                }
                #expect(status.streams.count == 7)
                tasks.cancelAll()
                while await tasks.nextResult() != nil {}
            }
        }
    }

    @Test func aSlowCallIsKeptWithTheTimeOfItsStages() throws {
        let raw = try RawConnection(
            [StubbornService()],
            configuration: RPCServerConfiguration(
                instance: "raw",
                admission: AdmissionControl(callsAtStart: 1, callsMin: 1, callsMax: 1),
                logger: silentLogger
            )
        )
        try raw.request(1, timeoutMicroseconds: 200_000, payload: [0x0a, 1, 7])
        try raw.request(3, timeoutMicroseconds: 500_000)
        raw.loop.advanceTime(by: .milliseconds(200))
        raw.loop.advanceTime(by: .milliseconds(300))
        #expect(try raw.received().map(\.stream) == [1, 3])
        let records = raw.connection.loop.slowCalls.all
        #expect(records.map(\.code) == [.deadlineExceeded, .deadlineExceeded])
        #expect(records.map(\.receivedBytes) == [3, 0])
        var first = CallTimes()
        first.handler = .milliseconds(200)
        var second = CallTimes()
        second.queue = .milliseconds(200)
        second.handler = .milliseconds(300)
        #expect(records.map(\.times) == [first, second])
        #expect(second.total == .milliseconds(500))
    }

    @Test func aCallThatIsNotSlowIsNotKept() throws {
        let raw = try RawConnection([StubbornService()])
        try raw.request(1, timeoutMicroseconds: 99_000)
        raw.loop.advanceTime(by: .milliseconds(99))
        #expect(try raw.received().count == 1)
        #expect(raw.connection.loop.slowCalls.all.isEmpty)
    }

    @Test func theLastSlowCallsAreKept() throws {
        let raw = try RawConnection([StubbornService()])
        for number in 0..<100 as Range<UInt32> {
            let id = 2 * number + 1
            try raw.request(id, timeoutMicroseconds: 100_000 + 1_000 * UInt64(number))
            raw.loop.advanceTime(by: .milliseconds(200))
        }
        let kept = raw.connection.loop.slowCalls.all.map(\.times.handler).sorted()
        #expect(kept == (36..<100).map { .milliseconds(100 + $0) })
    }

    @Test func observersHearOfEveryCallOfTheirMethod() throws {
        let heard = Mutex<[(path: String, CallReport)]>([])
        let began = Mutex(0)
        let raw = try RawConnection(
            configuration: RPCServerConfiguration(
                instance: "raw",
                observer: { method in
                    guard method.name != "Bidi" else { return nil }
                    return CallObserver(
                        began: { began.withLock { $0 += 1 } },
                        ended: { report in heard.withLock { $0.append((method.path, report)) } }
                    )
                },
                logger: silentLogger
            )
        )
        try raw.expectStillWorks(1)
        try raw.request(3, payload: [0xff])
        try raw.request(5, "ServerStream", payload: [0x0a, 1, 7, 0x10, 2])
        try raw.request(7, "Bidi", .end)
        #expect(try raw.received().count == 5)
        #expect(began.withLock { $0 } == 3)
        let reports = heard.withLock { $0 }
        #expect(reports.map(\.path.last) == ["y", "y", "m"])
        #expect(reports.map(\.1.code) == [nil, .invalidArgument, nil])
        #expect(reports.map(\.1.receivedBytes) == [3, 1, 5])
        #expect(reports.map(\.1.sentBytes) == [3, 0, 10])
    }
}
