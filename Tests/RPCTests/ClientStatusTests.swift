import NIOCore
import NIOEmbedded
import Testing

@testable import RPC

/// What a client says of itself, and what a replica that fell silent does to it.
@Suite struct ClientStatusTests {
    private static let two = ["10.0.0.1", "10.0.0.2"]

    private func status(_ server: RawServer) throws -> RPCClientStatus {
        let outcome = server.start { await $0.status() }
        return try #require(outcome.success)
    }

    @Test func itNamesEveryEndpointAndWhatItDoes() throws {
        let server = try RawServer(hosts: Self.two + ["10.0.0.3"])
        server.refusing = ["10.0.0.3"]
        #expect(try status(server).endpoints.map(\.phase) == [.idle, .idle, .idle])
        _ = server.startUnary()
        let begun = try status(server)
        #expect(begun.name == "echo")
        #expect(begun.endpoints.map(\.address) == ["10.0.0.1:7", "10.0.0.2:7", "10.0.0.3:7"])
        #expect(begun.endpoints.map(\.phase) == [.ready, .ready, .backingOff])
        #expect(begun.endpoints.map(\.connections) == [1, 1, 0])
        #expect(begun.endpoints.map(\.callsUnderWay).reduce(0, +) == 1)
        #expect(begun.retriesLeft == 100)
        try server.answer(after: .milliseconds(4))
        let done = try status(server)
        #expect(done.endpoints.map(\.callsUnderWay) == [0, 0, 0])
        #expect(done.endpoints.map(\.latencyMilliseconds).max() == 4)
    }

    @Test func itSaysWhoIsSetAsideAndWhatTheBudgetAllows() throws {
        let server = try RawServer(hosts: Self.two)
        for _ in 0..<20 { _ = server.startUnary(EchoMessage(), CallOptions()) }
        try server.answer { $0 == Self.two[0] ? RPCError(.unavailable, "ill") : nil }
        let status = try status(server)
        let until = server.loop.now + .milliseconds(100)
        #expect(status.endpoints.map(\.setAsideUntil) == [until, nil])
        #expect(status.callsResting > 0)
        #expect(status.retriesLeft == 104 - status.callsResting)
        #expect(status.endpoints[0].latencyMilliseconds == 1000)
    }

    @Test func itCountsCallsThatWait() throws {
        let server = try RawServer()
        server.swallowing = ["10.0.0.1"]
        for _ in 0..<3 { _ = server.startUnary() }
        let status = try status(server)
        #expect(status.callsWaiting == 3)
        #expect(status.endpoints.map(\.phase) == [.connecting])
    }

    @Test func aConnectionThatIsHalfOpenIsLeft() throws {
        let server = try RawServer(hosts: Self.two)
        _ = server.startUnary()
        try server.answer(after: .milliseconds(1))
        let gone = try server.channel(Self.two[0])
        let other = try server.channel(Self.two[1])
        // Nothing that the first is sent arrives any more, and nothing says so.
        server.swallowing = [Self.two[0]]
        var outcomes: [Outcome<EchoMessage>] = []
        let options = CallOptions(timeout: .seconds(60), retries: true)
        func answerOther(_ frames: [Frame]) throws {
            for frame in frames where frame.type == .request {
                try server.send(.response, .message, stream: frame.stream, on: other)
            }
        }
        for _ in 0..<100 {
            outcomes.append(server.startUnary(EchoMessage(), options))
            server.loop.advanceTime(by: .milliseconds(1))
            try answerOther(try server.received(on: other))
        }
        // Calls that are not answered keep others away.
        #expect(try server.received(on: gone).count <= 10)
        #expect(outcomes.count { $0.value == nil } <= 10)
        // Those that hang there go on at the other once the silence has lasted.
        server.loop.advanceTime(by: .seconds(15))
        #expect(try server.received(on: gone).map(\.type) == [.ping])
        server.loop.advanceTime(by: .seconds(5))
        #expect(!gone.isActive)
        server.loop.advanceTime(by: .milliseconds(50))
        try answerOther(try server.received(on: other))
        for _ in 0..<100 {
            outcomes.append(server.startUnary(EchoMessage(), options))
            try answerOther(try server.received(on: other))
        }
        #expect(outcomes.allSatisfy { $0.success != nil })
    }
}
