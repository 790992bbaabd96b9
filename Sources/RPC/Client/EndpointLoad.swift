import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How one endpoint does: how long it takes, how much it has to do, and whether it is ill.
struct EndpointLoad {
    /// How a call ended, as far as it says something of the endpoint.
    enum Outcome {
        /// The server answered, well or not.
        case answered(after: TimeAmount)
        /// The endpoint failed; `retryAfter` is what it said of when to come back.
        case failed(after: TimeAmount, retryAfter: TimeAmount)
        /// The caller gave up: it would have taken longer.
        case abandoned(after: TimeAmount)
    }

    private struct Rest {
        let span: TimeAmount
        var until: NIODeadline
        /// Whether a call is finding out if the endpoint is well again.
        var isProbed = false
    }

    /// Unary calls under way.
    private(set) var calls = 0
    /// Streams under way.
    private(set) var streams = 0
    /// Failures since the last answer.
    private(set) var failuresInRow = 0
    private var rest: Rest?
    /// Nanoseconds: a slow answer counts at once, quick ones slowly make up for it.
    private var average = 0.0
    private var averagedAt = NIODeadline.uptimeNanoseconds(0)

    /// Whether the endpoint is ill, and takes calls only to find out if it still is.
    var isSetAside: Bool { rest != nil }

    /// Until when it takes none.
    var setAsideUntil: NIODeadline? { rest?.until }

    /// Whether it is time for a call to find out.
    func isProbeDue(at now: NIODeadline) -> Bool { rest.map { $0.until <= now } ?? false }

    /// Latency as of now, in nanoseconds; without answers it fades.
    func latency(at now: NIODeadline) -> Double { average * weight(at: now) }

    /// How long a call more would take, roughly: latency times the calls there would be.
    func load(at now: NIODeadline) -> Double {
        let latency = latency(at: now)
        guard latency < Self.unknown else { return latency * Double(calls + streams + 1) }
        // Nothing is known: one call at a time finds out, before more follow it.
        if calls > 0 { return Self.penalty * Double(calls + streams + 1) }
        return Self.unknown * Double(streams + 1)
    }

    mutating func begin(isStream: Bool, at now: NIODeadline) {
        if isStream { streams += 1 } else { calls += 1 }
        guard var rest, rest.until <= now else { return }
        // A probe that has no answer by then does not keep another from finding out.
        rest.isProbed = true
        rest.until = now + rest.span
        self.rest = rest
    }

    /// The server has sent a stream's first message.
    mutating func showLife() {
        failuresInRow = 0
        rest = nil
    }

    mutating func end(isStream: Bool, _ outcome: Outcome, at now: NIODeadline) {
        if isStream { streams -= 1 } else { calls -= 1 }
        switch outcome {
        case .answered(let time):
            showLife()
            // How long a stream lasts says nothing of its server.
            if !isStream { average(Double(time.nanoseconds), at: now) }
        case .failed(let time, let retryAfter):
            failuresInRow += 1
            let slow = max(time.nanoseconds, retryAfter.nanoseconds)
            average(max(Double(slow), Self.penalty), at: now)
        case .abandoned(let time):
            rest?.isProbed = false
            let time = Double(time.nanoseconds)
            if !isStream, time > latency(at: now) { average(time, at: now) }
        }
    }

    /// After a failure: an endpoint with too many in a row, or whose probe failed, is left alone for
    /// a while, if there are others.
    mutating func setAsideIfIll(hasOthers: Bool, at now: NIODeadline) {
        if let rest {
            // Calls from before may still fail; only the probe's failure tells something new.
            guard rest.isProbed else { return }
            let span = min(rest.span * 2, TimeAmount(Limits.setAsideMax))
            self.rest = Rest(span: span, until: now + span)
        } else if failuresInRow >= Limits.failuresInRowMax, hasOthers {
            let span = TimeAmount(Limits.setAsideFirst)
            rest = Rest(span: span, until: now + span)
        }
    }

    private mutating func average(_ nanoseconds: Double, at now: NIODeadline) {
        let weight = weight(at: now)
        average = max(nanoseconds, average * weight + nanoseconds * (1 - weight))
        averagedAt = now
    }

    /// What is left of an observation after the time since the last one.
    private func weight(at now: NIODeadline) -> Double {
        let age = now - averagedAt
        return age.nanoseconds <= 0 ? 1 : exp(-Double(age.nanoseconds) / Self.decay)
    }

    private static let decay = Limits.latencyDecay / .nanoseconds(1)
    private static let penalty = Limits.failurePenalty / .nanoseconds(1)
    /// A latency below this, 1 µs, is no answer's: it has faded or there was none.
    private static let unknown = 1000.0
}
