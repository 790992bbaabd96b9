import Logging
import NIOCore

/// The part of a client that belongs to one event loop: its connection, and the calls that wait for
/// one or for a free stream.
///
/// Safety: everything mutable is touched on the event loop only.
final class ClientLoop: @unchecked Sendable {
    private enum Phase {
        case idle
        case connecting
        case connected(ClientConnection)
        /// The last attempt failed; no other before then.
        case backingOff(until: NIODeadline)
        case closed
    }

    let eventLoop: any EventLoop
    let announcement: Announcement
    private let name: String
    private let configuration: RPCClientConfiguration
    private let connect: ClientConnector
    private var phase = Phase.idle
    private var queue = CircularBuffer<ClientCall>(initialCapacity: 4)
    private var timer = ConnectionTimer()
    /// Connections that take no more calls but finish those they have.
    private var retired: [ObjectIdentifier: ClientConnection] = [:]
    /// Attempts in a row that did not lead to the server's HELLO.
    private var failures = 0
    private var lastFailure = ""

    /// Prepares to connect with `connect`.
    ///
    /// The server's `name` is for messages.
    init(
        eventLoop: any EventLoop,
        name: String,
        configuration: RPCClientConfiguration,
        connect: @escaping ClientConnector
    ) {
        self.eventLoop = eventLoop
        self.name = name
        self.configuration = configuration
        self.connect = connect
        announcement = Announcement(
            messageBytes: configuration.messageBytesMax,
            windowBytes: configuration.windowBytes,
            instance: configuration.instance
        )
    }

    /// Opens a call's stream, or lets it wait for one.
    func start(_ call: ClientCall) {
        guard call.isUnderWay, isInTime(call) else { return }
        var connects = false
        switch phase {
        case .closed: return call.fail(unavailable("The client is closed."))
        case .connected(let connection):
            if queue.isEmpty, connection.canOpen { return open(call, on: connection) }
            if !connection.takesStreams {
                retire(connection)
                if case .idle = phase { connects = true }
            }
        case .connecting: break
        case .idle: connects = true
        case .backingOff(let until):
            connects = until <= eventLoop.now
            if !connects, !call.waitsForConnection { return call.fail(unavailable(lastFailure)) }
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
        if connects { beginConnecting() }
    }

    /// A waiting call was cancelled.
    func forget(_ call: ClientCall) {
        queue.removeAll { $0 === call }
    }

    /// Opens streams for waiting calls, as many as fit.
    func pump() {
        while case .connected(let connection) = phase, !queue.isEmpty {
            if !connection.takesStreams {
                retire(connection)
            } else if connection.canOpen {
                open(queue.removeFirst(), on: connection)
            } else {
                return
            }
        }
    }

    /// A stream's place is free again.
    func slotFreed() {
        guard !queue.isEmpty else { return }
        eventLoop.execute { self.pump() }
    }

    /// Closes all connections, and starts no more calls.
    func close() -> EventLoopFuture<Void> {
        var closing = retired.values.map(\.channel.closeFuture)
        for connection in retired.values { connection.closeAfterFlush() }
        if case .connected(let connection) = phase {
            closing.append(connection.channel.closeFuture)
            connection.closeAfterFlush()
        }
        phase = .closed
        timer.cancel()
        failWaiting(unavailable("The client is closed.")) { _ in true }
        return EventLoopFuture.andAllComplete(closing, on: eventLoop)
    }

    private func open(_ call: ClientCall, on connection: ClientConnection) {
        guard isInTime(call) else { return }
        do {
            try connection.open(call)
        } catch {
            call.fail(notSent(error))
        }
    }

    /// Whether there is time left for the call; if not, it ends.
    private func isInTime(_ call: ClientCall) -> Bool {
        guard let deadline = call.deadline, deadline <= eventLoop.now else { return true }
        call.fail(
            RPCError(
                .deadlineExceeded,
                "The deadline passed before the call was sent.",
                isNotProcessed: true
            )
        )
        return false
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

/// Connecting.
extension ClientLoop {
    private func beginConnecting() {
        phase = .connecting
        connect(self).whenFailure { error in
            if case .connecting = self.phase { self.failed("\(error)") }
        }
    }

    /// A new connection's transport is ready.
    func connected(_ connection: ClientConnection) {
        guard case .connecting = phase else { return connection.closeAfterFlush() }
        phase = .connected(connection)
        pump()
    }

    /// The server's HELLO came: the way to it is good.
    func greeted(_ connection: ClientConnection) {
        failures = 0
        pump()
    }

    /// The server asks for no more calls on this connection.
    func draining(_ connection: ClientConnection) {
        retire(connection)
    }

    /// A connection is closed, or came to nothing.
    func closed(_ connection: ClientConnection, _ reason: String) {
        if retired.removeValue(forKey: ObjectIdentifier(connection)) != nil { return }
        switch phase {
        case .connecting: failed(reason)
        case .connected(let current) where current === connection:
            if connection.wasGreeted {
                configuration.logger.debug(
                    "connection lost",
                    metadata: ["server": "\(name)", "reason": "\(reason)"]
                )
                phase = .idle
                if !queue.isEmpty { beginConnecting() }
            } else {
                failed(reason)
            }
        default: break
        }
    }

    private func retire(_ connection: ClientConnection) {
        guard case .connected(let current) = phase, current === connection else { return }
        retired[ObjectIdentifier(connection)] = connection
        phase = .idle
        if !queue.isEmpty { beginConnecting() }
    }

    /// An attempt came to nothing: the next one waits.
    private func failed(_ reason: String) {
        if case .closed = phase { return }
        failures += 1
        lastFailure = reason
        phase = .backingOff(until: eventLoop.now + backoff())
        configuration.logger.info(
            "cannot connect",
            metadata: ["server": "\(name)", "reason": "\(reason)", "failures": "\(failures)"]
        )
        failWaiting(unavailable(reason)) { !$0.waitsForConnection }
        rearm()
    }

    private func backoff() -> TimeAmount {
        var seconds = Limits.backoffFirst / .seconds(1)
        for _ in 1..<min(failures, 20) { seconds *= Limits.backoffFactor }
        seconds = min(seconds, Limits.backoffMax / .seconds(1))
        seconds *= 1 + Limits.backoffJitter * configuration.jitter()
        return .nanoseconds(Int64(seconds * 1e9))
    }

    /// Sees to it that waiting calls end at their deadlines, and that the next attempt begins.
    private func rearm() {
        guard !queue.isEmpty else { return }
        arm(queue.reduce(.distantFuture) { min($0, $1.deadline ?? .distantFuture) })
    }

    private func arm(_ deadline: NIODeadline) {
        var wake = deadline
        if case .backingOff(let until) = phase { wake = min(wake, until) }
        guard wake < .distantFuture else { return }
        timer.arm(wake, on: eventLoop) { self.timerFired() }
    }

    private func timerFired() {
        timer.fired()
        let waiting = queue
        queue.removeAll(keepingCapacity: true)
        for call in waiting where isInTime(call) { queue.append(call) }
        if case .backingOff(let until) = phase, until <= eventLoop.now, !queue.isEmpty {
            beginConnecting()
        }
        rearm()
    }
}

/// The error for a call whose message could not be written.
func notSent(_ error: any Error) -> any Error {
    guard var known = sendError(error) as? RPCError else { return error }
    known.isNotProcessed = true
    return known
}
