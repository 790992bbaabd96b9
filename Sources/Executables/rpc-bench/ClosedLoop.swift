import Foundation
import Histogram
import NIOCore
import RPC

/// Callers that send one call after the other, and what they saw.
struct ClosedLoop {
    let inFlight: Int
    let request: EchoMessage
    let warmUp: TimeAmount
    let duration: TimeAmount

    /// What was seen between the end of the warm-up and the end of the run.
    struct Outcome {
        /// In nanoseconds.
        let latencies: Histogram<UInt64>
        let client: Usage
        let server: Usage?
    }

    /// Connects all lanes, then keeps `inFlight` calls under way on each until time is up.
    ///
    /// - Throws: The first failure of any call: a rate with failures in it says nothing.
    func run(_ lanes: [Lane], serverID: Int32?) async throws -> Outcome {
        try await greet(lanes)
        let recorders = Self.recorders(lanes)
        let start = NIODeadline.now() + warmUp
        let end = start + duration
        let usage = try await withThrowingTaskGroup(of: Void.self) { tasks in
            for lane in lanes {
                guard let recorder = recorders[ObjectIdentifier(lane.eventLoop)] else { continue }
                for _ in 0..<inFlight {
                    tasks.addTask(executorPreference: recorder.executor) {
                        try await call(EchoClient(lane.client), recorder, from: start, until: end)
                    }
                }
            }
            let before = try await Self.usage(of: serverID, at: start)
            let after = try await Self.usage(of: serverID, at: end)
            try await tasks.waitForAll()
            return (client: after.own.since(before.own), server: Self.difference(after, before))
        }
        var latencies = Recorder.empty
        for recorder in recorders.values { latencies.add(recorder.latencies) }
        return Outcome(latencies: latencies, client: usage.client, server: usage.server)
    }

    private func call(
        _ echo: EchoClient,
        _ recorder: Recorder,
        from start: NIODeadline,
        until end: NIODeadline
    ) async throws {
        while true {
            let sent = NIODeadline.now()
            guard sent < end else { return }
            let answer = try await echo.unary(request)
            let answered = NIODeadline.now()
            guard answer.body.count == request.body.count else { throw WrongAnswer() }
            if sent >= start, answered < end { recorder.record(answered - sent) }
        }
    }

    /// Opens every lane's connection, and checks that what comes back is what was sent.
    private func greet(_ lanes: [Lane]) async throws {
        for lane in lanes {
            let answer = try await EchoClient(lane.client).unary(
                request,
                options: CallOptions(waitsForConnection: true)
            )
            guard answer == request else { throw WrongAnswer() }
        }
    }

    private static func recorders(_ lanes: [Lane]) -> [ObjectIdentifier: Recorder] {
        var recorders: [ObjectIdentifier: Recorder] = [:]
        for lane in lanes where recorders[ObjectIdentifier(lane.eventLoop)] == nil {
            recorders[ObjectIdentifier(lane.eventLoop)] = Recorder(lane.eventLoop)
        }
        return recorders
    }

    private static func usage(
        of server: Int32?,
        at time: NIODeadline
    ) async throws -> (own: Usage, server: Usage?) {
        try await Task.sleep(for: Duration(time - .now()))
        guard let own = Usage(ofProcess: getpid()) else { throw NoUsage() }
        return (own, server.flatMap(Usage.init(ofProcess:)))
    }

    private static func difference(
        _ after: (own: Usage, server: Usage?),
        _ before: (own: Usage, server: Usage?)
    ) -> Usage? {
        guard let last = after.server, let first = before.server else { return nil }
        return last.since(first)
    }
}

/// The latencies seen on one event loop.
///
/// Safety: touched only by tasks that run on `executor`'s loop, and read when they have ended.
final class Recorder: @unchecked Sendable {
    /// Up to a minute, in nanoseconds, with three digits.
    static let empty = Histogram<UInt64>(highestTrackableValue: 60_000_000_000)

    let executor: EventLoopExecutor
    private(set) var latencies = Recorder.empty

    init(_ eventLoop: any EventLoop) {
        executor = EventLoopExecutor(eventLoop: eventLoop)
    }

    func record(_ latency: TimeAmount) {
        latencies.record(UInt64(max(0, latency.nanoseconds)))
    }
}

/// A server answered something else than what it was sent.
struct WrongAnswer: Error {}

/// `/proc` does not tell what this process uses.
struct NoUsage: Error {}
