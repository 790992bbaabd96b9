import NIOCore
import Testing

@testable import RPC

/// The choice between endpoints, without connections.
@Suite struct BalancerTests {
    private var balancer = Balancer(seed: 7)
    private var now = NIODeadline.uptimeNanoseconds(1_000_000_000)

    init() {
        for _ in 0..<2 { balancer.append() }
    }

    private mutating func pick() -> Int? { balancer.pick(at: now) { _ in .ready } }

    /// A call from beginning to end, at an endpoint.
    private mutating func call(_ index: Int, takes time: TimeAmount) {
        balancer.begin(index, isStream: false, at: now)
        now = now + time
        balancer.end(index, isStream: false, .answered(after: time), at: now)
    }

    private mutating func fail(_ index: Int, retryAfter: TimeAmount = .zero) {
        balancer.begin(index, isStream: false, at: now)
        let outcome = EndpointLoad.Outcome.failed(after: .zero, retryAfter: retryAfter)
        balancer.end(index, isStream: false, outcome, at: now)
    }

    @Test mutating func theQuickerEndpointIsTakenUntilItHasMoreToDo() {
        call(0, takes: .milliseconds(1))
        call(1, takes: .milliseconds(4))
        var taken: [Int] = []
        for _ in 0..<10 {
            guard let index = pick() else { continue }
            taken.append(index)
            balancer.begin(index, isStream: false, at: now)
        }
        // 1 ms × calls against 4 ms × calls: eight here, two there.
        #expect(taken.count { $0 == 0 } == 8)
    }

    @Test mutating func anEndpointThatNothingIsKnownOfGetsOneCallAtATime() {
        call(0, takes: .milliseconds(1))
        #expect(pick() == 1)
        balancer.begin(1, isStream: false, at: now)
        #expect(pick() == 0)
    }

    @Test mutating func aStreamDoesNotKeepAnUnknownEndpointFromBeingTried() {
        call(0, takes: .milliseconds(1))
        balancer.begin(1, isStream: true, at: now)
        #expect(pick() == 1)
    }

    @Test mutating func aSlowAnswerCountsAtOnceAndFades() {
        call(0, takes: .milliseconds(100))
        #expect(balancer.loads[0].latency(at: now) == 100e6)
        now = now + .seconds(10)
        let faded = balancer.loads[0].latency(at: now)
        #expect(abs(faded - 100e6 / 2.718281828) < 1e5)
        // A quick one does not wipe it out.
        call(0, takes: .milliseconds(1))
        #expect(balancer.loads[0].latency(at: now) > 30e6)
    }

    @Test mutating func aQuickFailureCountsAsASlowAnswer() {
        fail(0)
        #expect(balancer.loads[0].latency(at: now) == 1e9)
        fail(1, retryAfter: .seconds(3))
        #expect(balancer.loads[1].latency(at: now) == 3e9)
        #expect(pick() == 0)
    }

    @Test mutating func aCallThatWasGivenUpWouldHaveTakenLonger() {
        call(0, takes: .milliseconds(1))
        balancer.begin(0, isStream: false, at: now)
        let outcome = EndpointLoad.Outcome.abandoned(after: .milliseconds(50))
        balancer.end(0, isStream: false, outcome, at: now)
        #expect(balancer.loads[0].latency(at: now) == 50e6)
        call(0, takes: .microseconds(1))
        balancer.begin(0, isStream: false, at: now)
        balancer.end(0, isStream: false, .abandoned(after: .zero), at: now)
        #expect(balancer.loads[0].latency(at: now) > 49e6)
    }

    @Test mutating func theLengthOfAStreamSaysNothing() {
        balancer.begin(0, isStream: true, at: now)
        now = now + .seconds(100)
        balancer.end(0, isStream: true, .answered(after: .seconds(100)), at: now)
        #expect(balancer.loads[0].latency(at: now) == 0)
    }

    @Test mutating func whatCannotTakeTheCallIsNotChosen() {
        fail(1)
        for _ in 0..<20 {
            #expect(balancer.pick(at: now) { $0 == 0 ? .none : .ready } == 1)
            #expect(balancer.pick(at: now) { $0 == 0 ? .tried : .ready } == 1)
        }
        #expect(balancer.pick(at: now) { _ in .none } == nil)
    }

    @Test mutating func amongManyAllAreChosen() {
        for _ in 0..<8 { balancer.append() }
        var taken = Array(repeating: 0, count: 10)
        for _ in 0..<2000 {
            guard let index = pick() else { continue }
            taken[index] += 1
            call(index, takes: .milliseconds(1))
        }
        // Two of ten are looked at each time.
        for count in taken { #expect(count > 50) }
    }

    @Test mutating func theSameSeedChoosesAlike() {
        func choices() -> [Int?] {
            var balancer = Balancer(seed: 3)
            for _ in 0..<9 { balancer.append() }
            let now = now
            return (0..<50).map { _ in balancer.pick(at: now) { _ in .ready } }
        }
        #expect(choices() == choices())
    }

    @Test mutating func fiveFailuresInARowSetAnEndpointAside() {
        for count in 1...5 {
            #expect(!balancer.loads[0].isSetAside)
            fail(0)
            #expect(balancer.loads[0].failuresInRow == count)
        }
        #expect(balancer.loads[0].setAsideUntil == now + .milliseconds(100))
        // Even where the other has much more to do.
        for _ in 0..<100_000 { balancer.begin(1, isStream: false, at: now) }
        #expect(pick() == 1)
    }

    @Test mutating func anAnswerInBetweenStartsTheCountAnew() {
        for _ in 0..<4 { fail(0) }
        call(0, takes: .milliseconds(1))
        for _ in 0..<4 { fail(0) }
        #expect(!balancer.loads[0].isSetAside)
    }

    @Test mutating func theRestDoublesTo30SecondsAndOneCallProbes() {
        for _ in 0..<5 { fail(0) }
        var span = 100
        for _ in 0..<10 {
            #expect(balancer.loads[0].setAsideUntil == now + .milliseconds(Int64(span)))
            now = now + .milliseconds(Int64(span)) - .nanoseconds(1)
            #expect(pick() == 1)
            now = now + .nanoseconds(1)
            #expect(pick() == 0)
            balancer.begin(0, isStream: false, at: now)
            #expect(pick() == 1)
            let outcome = EndpointLoad.Outcome.failed(after: .zero, retryAfter: .zero)
            balancer.end(0, isStream: false, outcome, at: now)
            span = min(span * 2, 30_000)
        }
    }

    @Test mutating func aProbeThatIsAnsweredBringsTheEndpointBack() {
        for _ in 0..<5 { fail(0) }
        now = now + .milliseconds(100)
        #expect(pick() == 0)
        call(0, takes: .milliseconds(1))
        #expect(!balancer.loads[0].isSetAside)
        for _ in 0..<5 { fail(0) }
        // Well in between, so it begins with the shortest rest again.
        #expect(balancer.loads[0].setAsideUntil == now + .milliseconds(100))
    }

    @Test mutating func aProbeWithoutAnswerDoesNotKeepOthersFromProbing() {
        for _ in 0..<5 { fail(0) }
        now = now + .milliseconds(100)
        balancer.begin(0, isStream: true, at: now)
        #expect(pick() == 1)
        now = now + .milliseconds(100)
        #expect(pick() == 0)
        balancer.showLife(0)
        #expect(!balancer.loads[0].isSetAside)
    }

    @Test mutating func callsFromBeforeDoNotProlongTheRest() {
        for _ in 0..<9 { balancer.begin(0, isStream: false, at: now) }
        for _ in 0..<9 {
            let outcome = EndpointLoad.Outcome.failed(after: .zero, retryAfter: .zero)
            balancer.end(0, isStream: false, outcome, at: now)
        }
        #expect(balancer.loads[0].setAsideUntil == now + .milliseconds(100))
    }

    @Test mutating func theLastOneIsNeverSetAside() {
        for _ in 0..<5 { fail(0) }
        for _ in 0..<50 { fail(1) }
        #expect(balancer.loads[0].isSetAside)
        #expect(!balancer.loads[1].isSetAside)
    }

    @Test mutating func whatIsSetAsideStillBeatsNothing() {
        for _ in 0..<5 { fail(0) }
        #expect(balancer.pick(at: now) { $0 == 0 ? .ready : .none } == 0)
    }
}
