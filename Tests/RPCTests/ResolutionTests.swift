import NIOCore
import NIOEmbedded
import NIOPosix
import Synchronization
import Testing

@testable import RPC

/// A client that asks for the addresses of a name.
@Suite struct ResolutionTests {
    /// Answers that a test sets.
    private final class Names: Sendable {
        let answer: Mutex<Result<[String], UnresolvedName>>
        let asked = Mutex(0)

        init(_ hosts: [String]) { answer = Mutex(.success(hosts)) }

        func set(_ hosts: [String]) { answer.withLock { $0 = .success(hosts) } }

        func fail() { answer.withLock { $0 = .failure(UnresolvedName("echo.test", "gone")) } }

        @Sendable func resolve(_ address: RPCAddress) throws -> [SocketAddress] {
            asked.withLock { $0 += 1 }
            return try answer.withLock { try $0.get() }
                .map { try SocketAddress(ipAddress: $0, port: address.port) }
        }
    }

    @Test func nothingIsAskedBeforeTheFirstCall() throws {
        let names = Names(["10.0.0.1"])
        let server = try RawServer(hosts: nil, resolve: names.resolve)
        server.loop.advanceTime(by: .seconds(60))
        #expect(names.asked.withLock { $0 } == 0)
        let outcome = server.startUnary()
        try server.answer()
        #expect(outcome.success != nil)
        #expect(names.asked.withLock { $0 } == 1)
    }

    @Test(arguments: [(0.0, 10.0), (1.0, 12.0), (-1.0, 8.0)])
    func namesAreAskedForAgainEvery10Seconds(jitter: Double, seconds: Double) throws {
        let names = Names(["10.0.0.1"])
        let server = try RawServer(jitter: jitter, hosts: nil, resolve: names.resolve)
        _ = server.startUnary()
        for count in 1...5 {
            #expect(names.asked.withLock { $0 } == count)
            server.loop.advanceTime(by: .nanoseconds(Int64(seconds * 1e9) - 1000))
            #expect(names.asked.withLock { $0 } == count)
            server.loop.advanceTime(by: .nanoseconds(1000))
        }
    }

    @Test func eachAddressOfANameIsAReplicaOfItsOwn() throws {
        let hosts = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
        // A resolver may well tell one twice.
        let names = Names(hosts + hosts.prefix(1))
        let server = try RawServer(hosts: nil, resolve: names.resolve)
        var counts: [String: Int] = [:]
        for _ in 0..<30 {
            for _ in 0..<6 { _ = server.startUnary() }
            counts.merge(try server.answer(after: .milliseconds(1)), uniquingKeysWith: +)
        }
        #expect(server.attempts == 3)
        #expect(Set(server.hosts) == Set(hosts))
        for host in hosts { #expect(try #require(counts[host]) > 20) }
    }

    @Test func aNewAddressIsUsedAndOneThatVanishedGetsNoMoreCalls() throws {
        let names = Names(["10.0.0.1", "10.0.0.2"])
        let server = try RawServer(hosts: nil, resolve: names.resolve)
        let options = CallOptions(timeout: .seconds(60))
        let first = (0..<2).map { _ in server.startUnary(EchoMessage(), options) }
        let old = try server.channel("10.0.0.1")
        let requests = try server.received(on: old)
        #expect(requests.count == 1)
        names.set(["10.0.0.2", "10.0.0.3"])
        server.loop.advanceTime(by: .seconds(10))
        // A call is under way, so the connection stays until that has ended.
        #expect(old.isActive)
        for _ in 0..<10 { _ = server.startUnary() }
        #expect(Set(server.hosts) == ["10.0.0.1", "10.0.0.2", "10.0.0.3"])
        #expect(try server.received(on: old).isEmpty)
        try server.send(.response, .message, stream: requests[0].stream, on: old)
        #expect(!old.isActive)
        #expect(first.contains { $0.success != nil })
        let counts = try server.answer()
        #expect(first.allSatisfy { $0.success != nil })
        #expect(Set(counts.keys) == ["10.0.0.2", "10.0.0.3"])
    }

    @Test func anIdleConnectionToAVanishedAddressIsClosed() throws {
        let names = Names(["10.0.0.1", "10.0.0.2"])
        let server = try RawServer(hosts: nil, resolve: names.resolve)
        _ = server.startUnary()
        try server.answer()
        names.set(["10.0.0.2"])
        server.loop.advanceTime(by: .seconds(10))
        #expect(try !server.channel("10.0.0.1").isActive)
        #expect(try server.channel("10.0.0.2").isActive)
    }

    @Test func aFailureKeepsTheLastGoodList() throws {
        let names = Names(["10.0.0.1"])
        let server = try RawServer(hosts: nil, resolve: names.resolve)
        _ = server.startUnary()
        try server.answer()
        names.fail()
        server.loop.advanceTime(by: .seconds(30))
        names.set([])
        server.loop.advanceTime(by: .seconds(30))
        let outcome = server.startUnary()
        try server.answer()
        #expect(outcome.success != nil)
        #expect(server.attempts == 1)
    }

    @Test func lostConnectionsAskAgainButNotMoreThanOnceASecond() throws {
        let names = Names(["10.0.0.1"])
        let server = try RawServer(hosts: nil, resolve: names.resolve)
        _ = server.startUnary()
        for _ in 0..<5 {
            try server.disconnect()
            _ = server.startUnary()
        }
        #expect(names.asked.withLock { $0 } == 1)
        server.loop.advanceTime(by: .seconds(1))
        #expect(names.asked.withLock { $0 } == 2)
        server.loop.advanceTime(by: .seconds(9))
        #expect(names.asked.withLock { $0 } == 2)
    }

    @Test func aNameThatDoesNotResolveFailsTheCallOrLetsItWait() throws {
        let names = Names([])
        names.fail()
        let server = try RawServer(hosts: nil, resolve: names.resolve)
        let first = server.startUnary()
        #expect(
            first.error
                == RPCError(
                    .unavailable,
                    "echo cannot be reached: the name \"echo.test\" does not resolve (gone)",
                    isNotProcessed: true
                )
        )
        // Not asked more than once a second, whoever calls.
        #expect(server.startUnary().error?.code == .unavailable)
        #expect(names.asked.withLock { $0 } == 1)
        let limited = CallOptions(timeout: .milliseconds(1500), waitsForConnection: true)
        let tired = server.startUnary(EchoMessage(), limited)
        let patient = server.startUnary(EchoMessage(), CallOptions(waitsForConnection: true))
        server.loop.advanceTime(by: .milliseconds(1500))
        #expect(names.asked.withLock { $0 } == 2)
        #expect(tired.error?.code == .deadlineExceeded)
        #expect(tired.error?.message.contains("does not resolve") == true)
        names.set(["10.0.0.1"])
        server.loop.advanceTime(by: .seconds(1))
        try server.answer()
        #expect(patient.success != nil)
    }

    @Test func aResolverThatSaysNothingHoldsNoCallPastItsDeadline() throws {
        let loop = EmbeddedEventLoop()
        let client = RPCClient(
            target: RPCTarget(name: "echo", host: "echo.test", port: 7),
            configuration: RPCClientConfiguration(
                instance: "test",
                logger: silentLogger,
                resolve: { _, loop in loop.makePromise(of: [SocketAddress].self).futureResult }
            ),
            tls: nil,
            group: loop
        )
        let executor = EventLoopExecutor(eventLoop: loop)
        let outcome = Outcome<EchoMessage>()
        outcome.task = Task.immediate(executorPreference: executor) {
            do {
                let options = CallOptions(timeout: .seconds(1))
                let answer = try await client.unary(
                    EchoMethods.unary,
                    EchoMessage(),
                    options: options
                )
                outcome.value = .success(answer)
            } catch {
                outcome.value = .failure(error)
            }
        }
        loop.advanceTime(by: .milliseconds(999))
        #expect(outcome.value == nil)
        loop.advanceTime(by: .milliseconds(1))
        #expect(outcome.error?.code == .deadlineExceeded)
        #expect(outcome.error?.message.contains("no address is known yet") == true)
    }

    @Test func placesAreReadFromText() {
        let two = [RPCAddress(host: "a", port: 1), RPCAddress(host: "::1", port: 2)]
        #expect(RPCAddress.list(parsing: "a:1, [::1]:2") == two)
        #expect(two.map(\.description) == ["a:1", "[::1]:2"])
        for text in ["", "a", "a:", ":1", "a:0", "a:65536", "a:1,", "a:1,,b:2", "a:1 b:2"] {
            #expect(RPCAddress.list(parsing: text) == nil, "\(text)")
        }
    }

    @Test func theSystemKnowsAddressesAndNames() async throws {
        let here = RPCAddress(host: "127.0.0.1", port: 80)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let found = try await resolveBySystem(here, on: loop).get()
        #expect(found == [try SocketAddress(ipAddress: "127.0.0.1", port: 80)])
        let nowhere = RPCAddress(host: "no-such-host.invalid", port: 80)
        let error = await #expect(throws: UnresolvedName.self) {
            try await resolveBySystem(nowhere, on: loop).get()
        }
        #expect(error?.description.contains("\"no-such-host.invalid\" does not resolve") == true)
    }
}
