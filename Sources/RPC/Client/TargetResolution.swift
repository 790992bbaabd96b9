import Logging
import NIOCore

/// When to ask for the addresses of a target: at a steady pace, sooner after a loss, but never twice
/// within a second nor twice at once.
struct ResolutionSchedule {
    private var isUnderWay = false
    private var earliest = NIODeadline.uptimeNanoseconds(0)
    /// When to ask next.
    private(set) var next = NIODeadline.distantFuture

    /// Somebody would like to know.
    mutating func want(at now: NIODeadline) {
        next = min(next, max(now, earliest))
    }

    /// Begins to ask, if it is time.
    mutating func begin(at now: NIODeadline) -> Bool {
        guard !isUnderWay, next <= now else { return false }
        isUnderWay = true
        next = .distantFuture
        earliest = now + TimeAmount(Limits.resolveSpacing)
        return true
    }

    /// The answer is there, or there is none.
    ///
    /// `jitter`, between -1 and 1, moves the next time by up to a fifth either way.
    mutating func end(at now: NIODeadline, jitter: Double) {
        isUnderWay = false
        let wait = Limits.resolveInterval * (1 + Limits.backoffJitter * jitter)
        next = min(next, now + TimeAmount(wait))
    }
}

/// Keeps the addresses of a target up to date for all event loops of its client.
///
/// Safety: everything mutable is touched on the event loop only, but for `client`, which is set once
/// before anybody asks.
final class TargetResolution: @unchecked Sendable {
    enum Answer: Sendable {
        case addresses([SocketAddress])
        case none(String)
    }

    private let eventLoop: any EventLoop
    private let target: RPCTarget
    private let configuration: RPCClientConfiguration
    weak var client: RPCClient?
    /// The last good answer for each address.
    private var known: [RPCAddress: [SocketAddress]] = [:]
    private var schedule = ResolutionSchedule()
    private var timer = ConnectionTimer()
    private var isClosed = false

    init(
        _ target: RPCTarget,
        configuration: RPCClientConfiguration,
        eventLoop: any EventLoop
    ) {
        self.target = target
        self.configuration = configuration
        self.eventLoop = eventLoop
    }

    /// Asks again, as soon as that is allowed.
    func want() {
        eventLoop.perform {
            self.schedule.want(at: self.eventLoop.now)
            self.proceed()
        }
    }

    /// Asks no more.
    func close() {
        eventLoop.perform {
            self.isClosed = true
            self.timer.cancel()
        }
    }

    private func proceed() {
        guard !isClosed, client != nil else { return }
        guard schedule.begin(at: eventLoop.now) else {
            guard schedule.next < .distantFuture else { return }
            // Weak: a client that nobody holds any more has nothing to ask.
            timer.arm(schedule.next, on: eventLoop) { [weak self] in
                self?.timer.fired()
                self?.proceed()
            }
            return
        }
        let asked = target.addresses.map { configuration.resolve($0, eventLoop) }
        EventLoopFuture.whenAllComplete(asked, on: eventLoop).whenSuccess { self.resolved($0) }
    }

    private func resolved(_ results: [Result<[SocketAddress], any Error>]) {
        var failure: String?
        for (address, result) in zip(target.addresses, results) {
            switch result {
            case .success(let found) where !found.isEmpty: known[address] = found
            case .success: failure = UnresolvedName(address.host, "no address").description
            case .failure(let error): failure = "\(error)"
            }
        }
        if let failure {
            configuration.logger.info(
                "cannot resolve",
                metadata: ["server": "\(target.name)", "reason": "\(failure)"]
            )
        }
        schedule.end(at: eventLoop.now, jitter: configuration.jitter())
        let all = target.addresses.flatMap { known[$0] ?? [] }
        if let failure, all.isEmpty {
            client?.resolved(.none(failure))
        } else {
            client?.resolved(.addresses(distinct(all)))
        }
        proceed()
    }
}

/// Each address once, in their order, no more than a client takes.
func distinct(_ addresses: [SocketAddress]) -> [SocketAddress] {
    var seen: Set<SocketAddress> = []
    return Array(addresses.filter { seen.insert($0).inserted }.prefix(Limits.endpointsMax))
}
