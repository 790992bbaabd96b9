import NIOCore
import NIOPosix
import Synchronization
import TLS
import TestSupport
import Testing

@testable import RPC

/// A server on the loopback interface, by TLS, that is offered three times what it can do.
///
/// All is counted in beats of its workers: load, patience and what was possible. So a slow machine
/// makes the test slow and changes nothing else.
@Suite struct GoodputTests {
    @Test(.timeLimit(.minutes(1))) func nineTenthsOfThePeakAreServedAndTheRestIsRefused()
        async throws
    {
        try await withWorkers(AdmissionControl()) { workers, client in
            let (peak, patience) = await findPeak(workers, client)
            #expect(peak > 0.5, "the peak is to be one that the workers set: \(peak)")
            let storm = await raiseStorm(workers, client, patience)
            #expect(storm.goodput >= 0.9 * peak, "\(storm), peak \(peak)")
            #expect(storm.refused > storm.offered / 2, "\(storm)")
            #expect(storm.badRefusals == [])
        }
    }

    /// What the test above is worth: without admission the same storm leaves the workers busy for
    /// callers who have given up.
    @Test(.timeLimit(.minutes(1))) func withoutAdmissionMostWorkIsInVain() async throws {
        try await withWorkers(nil) { workers, client in
            let (peak, patience) = await findPeak(workers, client)
            let storm = await raiseStorm(workers, client, patience)
            #expect(storm.goodput < 0.5 * peak, "\(storm), peak \(peak)")
        }
    }

    /// What became of the calls of a storm.
    private struct Storm: Sendable {
        var offered = 0
        var answered = 0
        var refused = 0
        /// Refusals that do not say what they should.
        var badRefusals: [String] = []
        /// Answers as a share of what the workers could have done.
        var goodput = 0.0

        /// A call was answered, or ended with an error.
        mutating func note(_ error: RPCError?) {
            offered += 1
            guard let error else {
                answered += 1
                return
            }
            guard error.code != .deadlineExceeded else { return }
            refused += 1
            if error.code != .unavailable || !error.isNotProcessed || error.retryAfter == nil {
                badRefusals.append("\(error)")
            }
        }
    }

    /// As many callers as keep the workers busy, each calling again once it is answered.
    ///
    /// - Returns: The share of possible work that was done, and how long a caller of the storm is
    ///   to wait: 60 beats.
    private func findPeak(_ workers: Workers, _ client: RPCClient) async -> (Double, Duration) {
        let begin = NIODeadline.now()
        let before = workers.possible
        let answered = await withTaskGroup(of: Int.self) { callers in
            for _ in 0..<8 * Workers.count {
                callers.addTask {
                    var answered = 0
                    for _ in 0..<25 {
                        let answer = try? await EchoClient(client).unary(EchoMessage())
                        if answer != nil { answered += 1 }
                    }
                    return answered
                }
            }
            return await callers.reduce(0, +)
        }
        let possible = workers.possible - before
        let time = Duration.nanoseconds((NIODeadline.now() - begin).nanoseconds)
        return (Double(answered) / Double(possible), time / (possible / Workers.count) * 60)
    }

    /// With each beat three times as many new calls as it can serve, whatever became of the others.
    private func raiseStorm(
        _ workers: Workers,
        _ client: RPCClient,
        _ patience: Duration
    ) async -> Storm {
        let before = workers.possible
        var storm = await withTaskGroup(of: RPCError?.self) { callers in
            for await _ in workers.beats(400) {
                for _ in 0..<3 * Workers.count {
                    callers.addTask {
                        let options = CallOptions(timeout: patience, retries: false)
                        do {
                            _ = try await EchoClient(client).unary(EchoMessage(), options: options)
                            return nil
                        } catch {
                            return error as? RPCError ?? RPCError(.unknown, "\(error)")
                        }
                    }
                }
            }
            return await callers.reduce(into: Storm()) { $0.note($1) }
        }
        storm.goodput = Double(storm.answered) / Double(workers.possible - before)
        return storm
    }

    private func withWorkers(
        _ admission: AdmissionControl?,
        _ body: (Workers, RPCClient) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let certificates = try TestCertificates.shared()
        let workers = Workers()
        let beating = group.next().scheduleRepeatedTask(
            initialDelay: Workers.beat,
            delay: Workers.beat
        ) { _ in workers.tick() }
        let server = RPCServer(
            services: [WorkingService(workers: workers)],
            configuration: RPCServerConfiguration(
                instance: "busy",
                admission: admission,
                logger: silentLogger
            ),
            tls: TLSServer(try certificates.server("echo")),
            group: group
        )
        let port = try await server.bind(host: "127.0.0.1", port: 0)
        let client = RPCClient(
            target: RPCTarget(name: "echo", host: "127.0.0.1", port: port),
            configuration: RPCClientConfiguration(instance: "test", logger: silentLogger),
            tls: TLSClient(try certificates.client("messaging")),
            group: group
        )
        try await body(workers, client)
        await client.close()
        await server.drain(within: .seconds(5))
        beating.cancel()
    }
}

/// A few workers that take calls in their order, one beat each, and cannot be called off; a beat
/// without a call is lost.
private final class Workers: Sendable {
    static let count = 4
    static let beat = TimeAmount.milliseconds(8)

    private struct State {
        var waiting = CircularBuffer<CheckedContinuation<Void, Never>>()
        var atWork: [CheckedContinuation<Void, Never>] = []
        var beats = 0
        var listener: AsyncStream<Void>.Continuation?
        var beatsLeft = 0
    }

    private let state = Mutex(State())

    /// How many calls could have been served so far.
    var possible: Int { state.withLock { $0.beats } * Self.count }

    /// Returns once a worker has spent a beat on the caller.
    func work() async {
        await withCheckedContinuation { call in
            state.withLock { $0.waiting.append(call) }
        }
    }

    /// The next `count` beats.
    func beats(_ count: Int) -> AsyncStream<Void> {
        let (beats, listener) = AsyncStream.makeStream(of: Void.self)
        state.withLock {
            $0.listener = listener
            $0.beatsLeft = count
        }
        return beats
    }

    func tick() {
        let (done, listener, isLast) = state.withLock { state in
            let done = state.atWork
            state.atWork = []
            while state.atWork.count < Self.count, let next = state.waiting.popFirst() {
                state.atWork.append(next)
            }
            state.beats += 1
            state.beatsLeft -= 1
            let listener = state.listener
            let isLast = state.beatsLeft == 0
            if isLast { state.listener = nil }
            return (done, listener, isLast)
        }
        for call in done { call.resume() }
        listener?.yield()
        if isLast { listener?.finish() }
    }
}

/// An echo that needs a worker.
private struct WorkingService: RPCService {
    static let descriptor = EchoMethods.service
    let workers: Workers

    var methods: [RPCMethod] {
        [
            .unary(EchoMethods.unary) { request, _ in
                await workers.work()
                return request
            }
        ]
    }
}
