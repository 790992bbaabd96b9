import NIOCore
import Testing

@testable import RPC

/// Which calls begin, wait and are turned away, in virtual time.
@Suite struct AdmissionTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    /// An admission that lets two at work and knows calls to take 10 ms.
    private func two() -> Admission<Int> {
        var admission = Admission<Int>(AdmissionControl(callsAtStart: 2, callsMin: 2, callsMax: 2))
        for number in 0..<Limits.latencySamplesMin {
            let now = number == 0 ? start - .milliseconds(100) : start
            _ = admission.arrive(number, deadline: .distantFuture, now: now)
            admission.ended(after: .milliseconds(10), now: now)
        }
        return admission
    }

    private func numbers(_ next: Admission<Int>.Next?) -> String {
        switch next {
        case .begin(let number): "begin \(number)"
        case .refuse(let number, _): "refuse \(number)"
        case nil: "nobody"
        }
    }

    @Test func aCallAboveTheLimitWaitsForAnEndInItsTurn() {
        var admission = two()
        for number in 1...4 {
            let verdict = admission.arrive(number, deadline: .distantFuture, now: start)
            #expect(verdict == (number < 3 ? .begin : .wait))
        }
        #expect(numbers(admission.next(now: start)) == "nobody")
        admission.ended(after: .milliseconds(10), now: start)
        #expect(numbers(admission.next(now: start)) == "begin 3")
        #expect(numbers(admission.next(now: start)) == "nobody")
        admission.forget { $0 == 4 }
        admission.ended(after: nil, now: start)
        #expect(numbers(admission.next(now: start)) == "nobody")
        #expect(admission.limit.inFlight == 1)
    }

    @Test func aCallThatWouldComeTooLateIsTurnedAwayAtOnce() {
        var admission = two()
        for number in 1...2 { _ = admission.arrive(number, deadline: .distantFuture, now: start) }
        // One place in the queue is 5 ms, the call itself 10 ms.
        let late = admission.arrive(3, deadline: start + .milliseconds(15), now: start)
        #expect(late == .refuse(.milliseconds(10)))
        let inTime = admission.arrive(4, deadline: start + .milliseconds(16), now: start)
        #expect(inTime == .wait)
    }

    @Test func aCallThatWaitedTooLongIsTurnedAwayAndTheNextBegins() {
        var admission = two()
        for number in 1...2 { _ = admission.arrive(number, deadline: .distantFuture, now: start) }
        _ = admission.arrive(3, deadline: start + .milliseconds(20), now: start)
        _ = admission.arrive(4, deadline: .distantFuture, now: start)
        admission.ended(after: .milliseconds(10), now: start)
        let later = start + .milliseconds(10)
        #expect(numbers(admission.next(now: later)) == "refuse 3")
        #expect(numbers(admission.next(now: later)) == "begin 4")
    }

    @Test func theQueueIsBounded() {
        var admission = Admission<Int>(AdmissionControl(callsAtStart: 8))
        for number in 0..<8 + Limits.waitingCallsMax {
            let verdict = admission.arrive(number, deadline: .distantFuture, now: start)
            #expect(verdict == (number < 8 ? .begin : .wait))
        }
        let verdict = admission.arrive(999, deadline: .distantFuture, now: start)
        guard case .refuse = verdict else {
            Issue.record("\(verdict)")
            return
        }
    }

    @Test func aStandingQueueIsKeptShortAndABurstIsNot() {
        var admission = two()
        for number in 1...50 {
            let verdict = admission.arrive(number, deadline: .distantFuture, now: start)
            #expect(verdict == (number < 3 ? .begin : .wait))
        }
        let later = start + .milliseconds(100)
        let verdict = admission.arrive(99, deadline: .distantFuture, now: later)
        #expect(verdict == .refuse(.microseconds(245_000)))
    }
}

/// The limit under load that is made up.
@Suite struct ConcurrencyLimitTests {
    /// `workers` that take one call after the other, each `mean` on average.
    private static func pool(
        _ workers: Int,
        _ mean: @escaping (NIODeadline) -> TimeAmount = { _ in .milliseconds(8) }
    ) -> (NIODeadline, Int, inout SeededRandom) -> TimeAmount {
        var free = [NIODeadline](repeating: .uptimeNanoseconds(0), count: workers)
        return { now, _, random in
            let spread = Double.random(in: 0.5..<1.5, using: &random)
            let index = free.indices.min { free[$0] < free[$1] } ?? 0
            let begin = max(now, free[index])
            free[index] = begin + .nanoseconds(Int64(Double(mean(now).nanoseconds) * spread))
            return free[index] - now
        }
    }

    @Test func atThreeTimesCapacityNineTenthsOfThePeakIsServedInTime() {
        // 8 workers of 8 ms: 1,000 calls in a second.
        var server = AdmissionSimulation(work: Self.pool(8))
        server.patience = .milliseconds(500)
        let calm = server.run(rate: 700, for: .seconds(10))
        #expect(calm.refused == 0)
        let storm = server.run(rate: 3000, for: .seconds(20))
        #expect(storm.inTime >= 18_000, "\(storm)")
        #expect(storm.late == 0)
        #expect(storm.slowestRefusal <= .milliseconds(50))
        let after = server.run(rate: 700, for: .seconds(10))
        #expect(Double(after.refused) < 70)
    }

    @Test func aStormFromTheFirstMomentIsServedAsWell() {
        var server = AdmissionSimulation(work: Self.pool(8))
        server.patience = .milliseconds(500)
        let storm = server.run(rate: 3000, for: .seconds(20))
        #expect(storm.inTime >= 18_000, "\(storm)")
        #expect(storm.late == 0, "\(storm)")
    }

    @Test func workThatSlowsDownInCompanyIsKeptNearItsBest() {
        // n calls at once take 5 ms · (1 + (n/32)²): 3,200 in a second at 32, 750 at 200.
        var server = AdmissionSimulation { _, inFlight, _ in
            let crowd = Double(inFlight) / 32
            return .microseconds(Int64(5_000 * (1 + crowd * crowd)))
        }
        _ = server.run(rate: 1500, for: .seconds(5))
        let storm = server.run(rate: 9600, for: .seconds(10))
        #expect(storm.inTime >= 28_800, "\(storm)")
    }

    @Test func workThatNeedsManyAtOnceIsSoonGivenThem() {
        // 300 calls at once, none in another's way.
        var server = AdmissionSimulation { _, _, random in
            .milliseconds(Int64.random(in: 200...400, using: &random))
        }
        let first = server.run(rate: 1000, for: .seconds(2))
        #expect(first.refused < 200, "\(first)")
        let second = server.run(rate: 1000, for: .seconds(10))
        #expect(second.refused == 0, "\(second)")
    }

    @Test func workThatBecomesSlowerAndFasterAgainIsFollowed() {
        // From the 10th second to the 40th each call takes twice as long.
        var server = AdmissionSimulation(
            work: Self.pool(8) { now in
                (10..<40).contains(now.uptimeNanoseconds / 1_000_000_000)
                    ? .milliseconds(16) : .milliseconds(8)
            }
        )
        _ = server.run(rate: 700, for: .seconds(5))
        _ = server.run(rate: 1500, for: .seconds(10))
        let slow = server.run(rate: 1500, for: .seconds(20))
        #expect(slow.inTime >= 9_000, "\(slow)")
        _ = server.run(rate: 1500, for: .seconds(10))
        let fast = server.run(rate: 1500, for: .seconds(20))
        #expect(fast.inTime >= 18_000, "\(fast)")
    }

    @Test func workThatGainsFromCompanyGetsIt() {
        // A disk that commits every 2 ms whatever has come: throughput is what is let at work.
        var server = AdmissionSimulation { now, _, _ in
            let tick = Int64(2_000_000)
            let since = Int64(now.uptimeNanoseconds) % tick
            return .nanoseconds(2 * tick - since)
        }
        _ = server.run(rate: 500, for: .seconds(2))
        let busy = server.run(rate: 30_000, for: .seconds(2))
        #expect(Double(busy.inTime) >= 0.97 * 60_000, "\(busy)")
    }

    @Test func aLimitThatIsNotUsedDoesNotMove() {
        var limit = ConcurrencyLimit(AdmissionControl())
        var random = SeededRandom(state: 3)
        var now = NIODeadline.uptimeNanoseconds(0)
        for _ in 0..<100_000 {
            now = now + .milliseconds(10)
            for _ in 0..<3 { limit.begin() }
            for _ in 0..<3 {
                limit.end()
                let time = Int64.random(in: 1...100, using: &random)
                limit.took(.milliseconds(time * time), now: now)
            }
        }
        #expect(limit.value == Limits.callsAtStart)
    }

    @Test func latencyThatJittersDoesNotShrinkALimitThatIsUsed() {
        var server = AdmissionSimulation { _, _, random in
            // One in twenty takes 20 times as long.
            let isSlow = Int.random(in: 0..<20, using: &random) == 0
            return .milliseconds(isSlow ? 200 : 10)
        }
        let outcome = server.run(rate: 1500, for: .seconds(60))
        #expect(outcome.lowestLimit >= 30, "\(outcome)")
        #expect(outcome.refused == 0, "\(outcome)")
    }

    @Test func theLimitStaysWithinItsBounds() {
        var server = AdmissionSimulation(
            AdmissionControl(callsAtStart: 10, callsMin: 4, callsMax: 20),
            work: { now, _, _ in
                .milliseconds(now.uptimeNanoseconds % 7_000_000_000 > 5_000_000_000 ? 400 : 2)
            }
        )
        let outcome = server.run(rate: 2000, for: .seconds(60))
        #expect(outcome.highestLimit <= 20)
        #expect(outcome.lowestLimit >= 4)
    }
}
