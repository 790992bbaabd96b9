import Foundation
import NIOCore

@testable import RPC

/// A server in virtual time: one method behind its admission, and below it whatever `work` models.
struct AdmissionSimulation {
    /// What came of the calls that arrived within the measured time.
    struct Outcome {
        var inTime = 0
        var late = 0
        var refused = 0
        /// Longest time from arrival to refusal.
        var slowestRefusal = TimeAmount.zero
        /// Highest limit at any time.
        var highestLimit = 0
        var lowestLimit = Int.max
    }

    private struct Call {
        let arrived: NIODeadline
        let deadline: NIODeadline
    }

    private enum Event {
        case arrival
        case end(Call, began: NIODeadline)
    }

    var admission: Admission<Int>
    /// How long a call takes that begins now beside so many others.
    var work: (_ now: NIODeadline, _ inFlight: Int, inout SeededRandom) -> TimeAmount
    /// How long callers wait.
    var patience = TimeAmount.seconds(1)
    private(set) var outcome = Outcome()
    private var random = SeededRandom(state: 11)
    private var now = NIODeadline.uptimeNanoseconds(0)
    /// Ends of calls at work, the earliest last.
    private var ends: [(at: NIODeadline, call: Call, began: NIODeadline)] = []
    private var calls: [Int: Call] = [:]
    private var lastCall = 0

    init(
        _ bounds: AdmissionControl = AdmissionControl(),
        work: @escaping (NIODeadline, Int, inout SeededRandom) -> TimeAmount
    ) {
        admission = Admission(bounds)
        self.work = work
    }

    /// Lets calls come at `rate` per second, at random, for `time`, and counts those alone.
    mutating func run(rate: Double, for time: TimeAmount) -> Outcome {
        outcome = Outcome()
        let end = now + time
        while true {
            let gap = -log(Double.random(in: Double.ulpOfOne..<1, using: &random)) / rate
            let next = now + .nanoseconds(Int64(gap * 1e9))
            guard next < end else { break }
            advance(to: next)
            arrive()
        }
        advance(to: end)
        return outcome
    }

    private mutating func arrive() {
        lastCall += 1
        let call = Call(arrived: now, deadline: now + patience)
        switch admission.arrive(lastCall, deadline: call.deadline, now: now) {
        case .begin: begin(call)
        case .wait: calls[lastCall] = call
        case .refuse: outcome.refused += 1
        }
        note()
    }

    private mutating func begin(_ call: Call) {
        let end = now + work(now, admission.limit.inFlight, &random)
        let place = ends.lastIndex { $0.at >= end }.map { $0 + 1 } ?? 0
        ends.insert((end, call, now), at: place)
    }

    private mutating func advance(to time: NIODeadline) {
        while let last = ends.last, last.at <= time {
            ends.removeLast()
            now = last.at
            if now <= last.call.deadline { outcome.inTime += 1 } else { outcome.late += 1 }
            admission.ended(after: now - last.began, now: now)
            while let next = admission.next(now: now) {
                switch next {
                case .begin(let id):
                    if let call = calls.removeValue(forKey: id) { begin(call) }
                case .refuse(let id, _):
                    guard let call = calls.removeValue(forKey: id) else { continue }
                    outcome.refused += 1
                    outcome.slowestRefusal = max(outcome.slowestRefusal, now - call.arrived)
                }
            }
            note()
        }
        now = time
    }

    private mutating func note() {
        outcome.highestLimit = max(outcome.highestLimit, admission.limit.value)
        outcome.lowestLimit = min(outcome.lowestLimit, admission.limit.value)
    }
}
