import Testing

@testable import LoadTest

@Suite struct ObjectiveTests {
    @Test func objectivesAreRead() throws {
        let latency = try Objective("p99 < 50ms")
        #expect(latency.metric == .percentile(99))
        #expect(latency.comparison == .below)
        #expect(latency.bound == 50_000)
        #expect(try Objective("p99.9>=1.5s").bound == 1_500_000)
        #expect(try Objective("max<=2s").metric == .percentile(100))
        #expect(try Objective("errors>0.1%").metric == .errorShare)
        #expect(abs(try Objective("errors>0.1%").bound - 0.001) < 1e-12)
        #expect(try Objective("errors>0").metric == .errorCount)
        #expect(try Objective("rate<1000/s").bound == 1_000)
        let step = try Objective("Home/Get:p95>80ms")
        #expect(step.step == "Home/Get")
        #expect(step.metric == .percentile(95))
    }

    @Test(arguments: [
        ("p99", "has no <"), ("p99<50", "needs a time with its unit"),
        ("p101<50ms", "starts with none of"), ("latency<50ms", "starts with none of"),
        ("errors>many", "needs a share or number"), ("rate>fast", "needs a rate"),
    ])
    func faultsSayWhatWouldBeRight(text: String, words: String) {
        let fault = #expect(throws: ObjectiveFault.self) { try Objective(text) }
        #expect(fault?.description.contains(words) == true)
    }

    @Test func boundsHoldAsWritten() throws {
        #expect(try Objective("p50<1ms").holds(for: 999))
        #expect(try !Objective("p50<1ms").holds(for: 1_000))
        #expect(try Objective("p50<=1ms").holds(for: 1_000))
        #expect(try Objective("errors>0").holds(for: 1))
        #expect(try !Objective("errors>0").holds(for: 0))
    }
}
