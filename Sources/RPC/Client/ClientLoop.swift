import NIOCore

/// The part of a client that belongs to one event loop: its endpoints, and the calls that wait for a
/// connection or for a free stream.
///
/// Safety: everything mutable is touched on the event loop only.
final class ClientLoop: @unchecked Sendable {
    let eventLoop: any EventLoop
    /// The server's name, for messages.
    let name: String
    let configuration: RPCClientConfiguration
    let announcement: Announcement
    let connector: ClientConnector
    let resolution: TargetResolution?
    var endpoints: [ClientEndpoint] = []
    var balancer: Balancer
    private(set) var queue = CircularBuffer<ClientCall>(initialCapacity: 4)
    private var timer = ConnectionTimer()
    private(set) var isClosed = false
    /// Calls that wait for the time of their next try.
    private(set) var resting: [ObjectIdentifier: ClientCall] = [:]
    /// By path, of methods whose calls may be hedged.
    var latencies: [String: LatencyHistogram] = [:]
    /// What calls to the target have in common on all event loops.
    let budget: RetryBudget
    private let recentCalls: RecentCount
    /// Why the last attempt to connect, or to find an address, failed.
    var lastFailure = "no address is known yet"
    /// Until then nothing new is known of addresses, since the last question had no answer.
    var unresolvedUntil = NIODeadline.uptimeNanoseconds(0)

    /// Prepares to connect to `addresses`, or to those that `resolution` finds; without a resolution
    /// they are set for good.
    init(
        eventLoop: any EventLoop,
        name: String,
        addresses: [SocketAddress],
        configuration: RPCClientConfiguration,
        resolution: TargetResolution?,
        budget: RetryBudget,
        recentCalls: RecentCount,
        seed: UInt64,
        connector: @escaping ClientConnector
    ) {
        self.eventLoop = eventLoop
        self.name = name
        self.configuration = configuration
        self.resolution = resolution
        self.budget = budget
        self.recentCalls = recentCalls
        self.connector = connector
        balancer = Balancer(seed: seed)
        announcement = Announcement(
            messageBytes: configuration.messageBytesMax,
            windowBytes: configuration.windowBytes,
            instance: configuration.instance
        )
        append(addresses)
    }

    /// Opens a call's stream, or lets it wait for one.
    func start(_ call: ClientCall) {
        let now = eventLoop.now
        guard call.isUnderWay, isInTime(call, now) else { return }
        if call.attempt == 0 { recentCalls.add(at: now) }
        // One replica, connected: nothing to choose.
        if endpoints.count == 1, queue.isEmpty, let connection = endpoints[0].ready {
            return open(call, endpoints[0], connection, now)
        }
        if isClosed { return call.fail(unavailable("The client is closed.")) }
        connectDue(now)
        if queue.isEmpty, let (endpoint, connection) = pick(for: call, now) {
            return open(call, endpoint, connection, now)
        }
        defer { if endpoints.isEmpty { resolution?.want() } }
        if !call.waitsForConnection, isHopeless(now) {
            return call.fail(unavailable(lastFailure))
        }
        guard queue.count < Limits.queuedCallsMax else {
            return call.fail(
                RPCError(
                    .resourceExhausted,
                    "\(queue.count) calls to \(name) are waiting already.",
                    isNotProcessed: true
                )
            )
        }
        queue.append(call)
        arm(call.deadline ?? .distantFuture)
    }

    /// A waiting call was cancelled.
    func forget(_ call: ClientCall) {
        if resting.removeValue(forKey: ObjectIdentifier(call)) == nil {
            queue.removeAll { $0 === call }
        }
    }

    /// Starts a call after a wait, which ends before the call's deadline.
    func rest(_ call: ClientCall, _ wait: TimeAmount) {
        resting[ObjectIdentifier(call)] = call
        eventLoop.scheduleTask(in: wait) {
            guard self.resting.removeValue(forKey: ObjectIdentifier(call)) != nil else { return }
            self.start(call)
        }
    }

    /// Opens streams for waiting calls, as many as fit.
    func pump() {
        guard !queue.isEmpty else { return }
        let now = eventLoop.now
        while let call = queue.first, let (endpoint, connection) = pick(for: call, now) {
            queue.removeFirst()
            if isInTime(call, now) { open(call, endpoint, connection, now) }
        }
    }

    /// A stream's place is free again.
    func slotFreed() {
        guard !queue.isEmpty else { return }
        eventLoop.execute { self.pump() }
    }

    /// Closes all connections, and starts no more calls.
    func close() -> EventLoopFuture<Void> {
        isClosed = true
        timer.cancel()
        let closing = endpoints.flatMap { $0.close() }
        endpoints = []
        balancer = Balancer(seed: 0)
        let reason = unavailable("The client is closed.")
        failWaiting(reason) { _ in true }
        for call in resting.values { call.fail(reason) }
        resting = [:]
        return EventLoopFuture.andAllComplete(closing, on: eventLoop)
    }

    func pick(
        for call: ClientCall,
        _ now: NIODeadline
    ) -> (ClientEndpoint, ClientConnection)? {
        let picked = balancer.pick(at: now) { index in
            // Among several a server has to have spoken first: one may accept and say nothing.
            guard endpoints[index].ready?.wasGreeted == true || endpoints.count == 1 else {
                return .none
            }
            return call.wasAt(endpoints[index]) ? .tried : .ready
        }
        guard let picked, let connection = endpoints[picked].ready else { return nil }
        return (endpoints[picked], connection)
    }

    func open(
        _ call: ClientCall,
        _ endpoint: ClientEndpoint,
        _ connection: ClientConnection,
        _ now: NIODeadline
    ) {
        do {
            try connection.open(call, at: now)
            guard let index = endpoint.index else { return }
            balancer.begin(index, isStream: call.method.kind != .unary, at: now)
            if call.hedges, call.attempt == 0 { watch(call, from: now) }
        } catch {
            call.fail(notSent(error))
        }
    }

    /// Whether there is time left for the call; if not, it ends.
    private func isInTime(_ call: ClientCall, _ now: NIODeadline) -> Bool {
        guard let deadline = call.deadline, deadline <= now else { return true }
        call.fail(
            RPCError(
                .deadlineExceeded,
                "The deadline passed before the call was sent\(whyWaiting).",
                isNotProcessed: true
            )
        )
        return false
    }

    /// What waiting calls wait for, as the end of a sentence.
    private var whyWaiting: String {
        if endpoints.contains(where: \.isGreeted) { return "" }
        let silent = endpoints.filter { $0.isConnecting || $0.isConnected }
        if silent.isEmpty { return ": \(lastFailure)" }
        return ": \(silent.map(\.address.text).joined(separator: ", ")) does not answer"
    }

    private func unavailable(_ reason: String) -> RPCError {
        RPCError(.unavailable, "\(name) cannot be reached: \(reason)", isNotProcessed: true)
    }

    private func failWaiting(_ error: RPCError, _ isMeant: (ClientCall) -> Bool) {
        let waiting = queue
        queue.removeAll(keepingCapacity: true)
        for call in waiting {
            if isMeant(call) { call.fail(error) } else { queue.append(call) }
        }
    }
}

/// Calls that wait.
extension ClientLoop {
    /// Waiting calls go on, or end if there is nothing to wait for.
    func resume() {
        guard !queue.isEmpty else { return }
        let now = eventLoop.now
        connectDue(now)
        pump()
        if isHopeless(now) { failWaiting(unavailable(lastFailure)) { !$0.waitsForConnection } }
        rearm()
    }

    /// Sees to it that waiting calls end at their deadlines, and that the next attempt begins.
    private func rearm() {
        guard !queue.isEmpty else { return }
        arm(queue.reduce(.distantFuture) { min($0, $1.deadline ?? .distantFuture) })
    }

    private func arm(_ deadline: NIODeadline) {
        var wake = deadline
        let now = eventLoop.now
        for endpoint in endpoints {
            // Those whose time has come wait for the end of other attempts.
            if case .backingOff(let until) = endpoint.phase, now < until { wake = min(wake, until) }
        }
        guard wake < .distantFuture else { return }
        timer.arm(wake, on: eventLoop) { self.timerFired() }
    }

    private func timerFired() {
        timer.fired()
        let waiting = queue
        let now = eventLoop.now
        queue.removeAll(keepingCapacity: true)
        for call in waiting where isInTime(call, now) { queue.append(call) }
        resume()
    }
}

/// The error for a call whose message could not be written.
func notSent(_ error: any Error) -> any Error {
    guard var known = sendError(error) as? RPCError else { return error }
    known.isNotProcessed = true
    return known
}
