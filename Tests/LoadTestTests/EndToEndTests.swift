import NIOCore
import NIOPosix
import RPC
import Testing

@testable import LoadTest

/// A real server, real connections, a real clock; half a second each.
@Suite struct EndToEndTests {
    private func run(_ data: String, pace: LoadPlan.Pace? = nil) async throws -> Summary {
        let loops = Array(MultiThreadedEventLoopGroup.singleton.makeIterator().prefix(2))
        var plan = try LoadScene.plan(
            try LoadScene.workload(EchoMethods.unary.descriptor, data: data, role: .visitor),
            rate: 200,
            seconds: 1,
            warmUp: .milliseconds(500),
            lanes: loops.count
        )
        if let pace { plan.pace = pace }
        plan.cast = try LoadScene.cast(.none)
        let recording = try await withInProcessServer([EchoService()]) { client in
            await LoadRun(plan) { try await client.make($0) }.run(on: loops)
        }
        return LoadScene.summary(recording, plan)
    }

    @Test func everyPlannedCallIsAnsweredAndMeasured() async throws {
        let summary = try await run(DefaultData.template(for: EchoMethods.unary.descriptor))
        #expect(summary.warmUpCalls == 100)
        #expect(summary.total.planned == 100)
        #expect(summary.total.answered == 100)
        #expect(summary.total.latency.count == 100)
        #expect(summary.total.latency.us(at: 50) > 0)
        #expect(summary.errors.isEmpty)
    }

    @Test func failuresKeepTheirCode() async throws {
        let summary = try await run(#"{"fail_code":14,"fail_message":"Not today."}"#)
        #expect(summary.total.failed == 100)
        let error = try #require(summary.errors.first)
        #expect(summary.errors.count == 1)
        #expect(error.code == "UNAVAILABLE")
        #expect(error.count == 100)
        #expect(error.example == "Not today.")
        // Measured, so that one sees how soon a server refuses.
        #expect((1..<1_000_000).contains(error.p99Us ?? 0))
        #expect(summary.total.latency.count == 0)
    }

    @Test func aClosedLoadGoesOnAsFastAsItIsAnswered() async throws {
        let pace = LoadPlan.Pace.closed(inFlight: 8, duration: .seconds(1))
        let summary = try await run("{}", pace: pace)
        #expect(summary.total.answered > 8)
        #expect(summary.total.failed == 0)
    }
}
