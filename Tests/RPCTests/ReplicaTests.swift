import NIOCore
import NIOEmbedded
import Testing

@testable import RPC

/// A client whose server has several addresses.
@Suite struct ReplicaTests {
    private static let two = ["10.0.0.1", "10.0.0.2"]

    @Test func theFirstCallConnectsToAllAndBothAreUsed() throws {
        let server = try RawServer(hosts: Self.two)
        _ = server.startUnary()
        #expect(Set(server.hosts) == Set(Self.two))
        var counts = try server.answer(after: .milliseconds(1))
        for _ in 0..<100 {
            for _ in 0..<4 { _ = server.startUnary() }
            counts.merge(try server.answer(after: .milliseconds(1)), uniquingKeysWith: +)
        }
        #expect(counts.values.reduce(0, +) == 401)
        for host in Self.two { #expect(try #require(counts[host]) > 150) }
        #expect(server.attempts == 2)
    }

    @Test func theSlowerReplicaGetsLess() throws {
        let server = try RawServer(hosts: Self.two)
        var counts: [String: Int] = [:]
        for _ in 0..<50 {
            for _ in 0..<8 { _ = server.startUnary() }
            server.loop.advanceTime(by: .milliseconds(1))
            for (host, channel) in zip(server.hosts, server.channels) {
                if host == Self.two[1] { server.loop.advanceTime(by: .milliseconds(6)) }
                for request in try server.received(on: channel) {
                    counts[host, default: 0] += 1
                    try server.send(.response, .message, stream: request.stream, on: channel)
                }
            }
        }
        let quick = try #require(counts[Self.two[0]])
        let slow = try #require(counts[Self.two[1]])
        #expect(quick > slow * 3)
        #expect(slow > 10)
    }

    @Test func anAddressThatSwallowsPacketsHoldsUpNoCall() throws {
        let server = try RawServer(hosts: Self.two)
        server.swallowing = [Self.two[0]]
        let outcome = server.startUnary()
        try server.answer()
        #expect(outcome.success != nil)
        #expect(server.hosts == [Self.two[1]])
    }

    @Test func anAddressThatRefusesHoldsUpNoCall() throws {
        let server = try RawServer(hosts: Self.two)
        server.refusing = [Self.two[0]]
        for _ in 0..<20 {
            let outcome = server.startUnary()
            try server.answer()
            #expect(outcome.success != nil)
        }
        // It is asked again only after its wait.
        #expect(server.attempts == 2)
        server.loop.advanceTime(by: .milliseconds(100))
        server.refusing = []
        _ = server.startUnary()
        #expect(server.hosts == [Self.two[1], Self.two[0]])
    }

    @Test func onlyWhenAllRefuseDoesACallFail() throws {
        let server = try RawServer(hosts: Self.two)
        server.refusing = Set(Self.two)
        let outcome = server.startUnary()
        #expect(outcome.error?.code == .unavailable)
        #expect(outcome.error?.isNotProcessed == true)
        #expect(outcome.error?.message.contains("10.0.0.") == true)
        #expect(server.attempts == 2)
    }

    @Test func aReplicaThatLeavesSendsTheOthersToTheRestAtOnce() throws {
        let server = try RawServer(hosts: Self.two)
        server.refusing = [Self.two[0]]
        _ = server.startUnary()
        try server.answer()
        // The first is well again, but its wait is not over when the second stops.
        server.refusing = []
        try server.send(.drain, on: server.channel(Self.two[1]))
        server.refusing = [Self.two[1]]
        let outcome = server.startUnary()
        try server.answer()
        #expect(outcome.success != nil)
        #expect(server.hosts == [Self.two[1], Self.two[0]])
    }

    @Test func aServerThatHasNotSpokenYetGetsNoCallsBesideOthers() throws {
        let server = try RawServer(hosts: Self.two)
        _ = server.startUnary()
        try server.answer()
        try server.disconnect(server.channel(Self.two[0]))
        server.saysHello = false
        for _ in 0..<20 { _ = server.startUnary() }
        #expect(server.hosts.count == 3)
        #expect(try server.received(on: server.channel(Self.two[0])).isEmpty)
        #expect(try server.received(on: server.channel(Self.two[1])).count == 20)
    }

    @Test func aReplicaWithoutFreeStreamsIsLeftOut() throws {
        let server = try RawServer(hosts: Self.two)
        server.announcement.streams = 1
        let outcomes = (0..<3).map { _ in server.startUnary() }
        #expect(try server.received(on: server.channels[0]).count == 1)
        #expect(try server.received(on: server.channels[1]).count == 1)
        #expect(outcomes.allSatisfy { $0.value == nil })
        try server.send(.response, .message, stream: 1, on: server.channels[1])
        #expect(try server.received(on: server.channels[1]).count == 1)
    }

    @Test func aReplicaThatFailsFastIsSetAsideAndProbed() throws {
        let server = try RawServer(hosts: Self.two)
        let ill = Self.two[0]
        let error = RPCError(.unavailable, "ill")
        func ask(_ calls: Int, isIll: Bool = true) throws -> Int {
            for _ in 0..<calls { _ = server.startUnary() }
            return try server.answer { $0 == ill && isIll ? error : nil }[ill] ?? 0
        }
        // Both unknown: of the first calls it gets its share, until five of them fail.
        _ = try ask(20)
        #expect(try ask(100) == 0)
        server.loop.advanceTime(by: .milliseconds(100))
        #expect(try ask(100) == 1)
        server.loop.advanceTime(by: .milliseconds(199))
        #expect(try ask(100) == 0)
        server.loop.advanceTime(by: .milliseconds(1))
        #expect(try ask(1, isIll: false) == 1)
        // Well again, though its failures still count as slow for a while.
        #expect(try ask(50, isIll: false) > 0)
    }
}
