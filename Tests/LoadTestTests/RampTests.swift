import NIOCore
import Testing

@testable import LoadTest

@Suite struct RampTests {
    /// Searches for the limit of a service that keeps its objective up to `capacity`.
    private func search(
        capacity: Double,
        from start: Double = 100,
        rateMax: Double = Limits.rateMax,
        noise: (Int) -> Double = { _ in 1 }
    ) -> (found: Double?, steps: Int) {
        var search = RampSearch(start: start, rateMax: rateMax)
        var steps = 0
        while case .measure(let rate, _) = search.move {
            steps += 1
            search.note(isKept: rate <= capacity * noise(steps))
        }
        guard case .end(let rate) = search.move else { return (nil, steps) }
        return (rate, steps)
    }

    @Test(arguments: [3, 99, 100, 101, 1_234, 54_321])
    func theLimitIsFoundWithinFivePercent(capacity: Double) throws {
        let (found, steps) = search(capacity: capacity)
        let rate = try #require(found)
        #expect(rate <= capacity)
        #expect(rate >= capacity / 1.06)
        #expect(steps < 30)
    }

    @Test func nothingIsFoundWhereNothingHolds() {
        let (found, steps) = search(capacity: 0)
        #expect(found == nil)
        #expect(steps < 15)
    }

    @Test func theSearchEndsAtTheHighestRateThereIs() {
        #expect(search(capacity: .infinity, rateMax: 1_000).found == 1_000)
    }

    @Test func aRateThatCannotBeConfirmedIsLowered() throws {
        // What is kept once, early, is less than what can be kept for long.
        let (found, _) = search(capacity: 1_000) { $0 > 9 ? 0.8 : 1 }
        let rate = try #require(found)
        #expect((700...800).contains(rate))
    }

    @Test func aSearchWithoutEndEnds() {
        let (_, steps) = search(capacity: 1_000) { $0 % 2 == 0 ? 0 : 2 }
        #expect(steps <= Limits.rampStepsMax)
    }

    @Test func whatIsKeptAlsoMeansAnsweredAndWithoutErrors() async throws {
        let ramp = Ramp(objectives: [try Objective("p99<50ms")], stepDuration: .seconds(1))
        let plan = try LoadScene.plan(rate: 100, seconds: 1)
        let recording = await LoadRun(plan) { _ in ByteBuffer() }.run(by: JumpClock())
        var summary = LoadScene.summary(recording, plan)
        #expect(ramp.isKept(summary))
        summary.total.failed = 1
        #expect(!ramp.isKept(summary))
        summary.total.failed = 0
        summary.total.answered = 90
        #expect(!ramp.isKept(summary))
    }
}
