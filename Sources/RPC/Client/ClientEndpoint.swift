import Logging
import NIOCore

/// One address of the server on one event loop: the connection to it, and when to try for another.
///
/// Safety: as `ClientLoop`.
final class ClientEndpoint: @unchecked Sendable {
    enum Phase {
        case idle
        case connecting
        case connected(ClientConnection)
        /// The last attempt failed; no other before then.
        case backingOff(until: NIODeadline)
    }

    let address: SocketAddress
    let loop: ClientLoop
    /// Its place in the loop's list; `nil` once it has left that.
    var index: Int?
    private(set) var phase = Phase.idle
    private var backoff = Backoff(first: Limits.backoffFirst, max: Limits.backoffMax)
    /// Connections that take no more calls but finish those they have.
    private var retired: [ObjectIdentifier: ClientConnection] = [:]

    init(_ address: SocketAddress, loop: ClientLoop, index: Int) {
        self.address = address
        self.loop = loop
        self.index = index
    }

    /// The connection, if a call can start on it now.
    var ready: ClientConnection? {
        if case .connected(let connection) = phase, connection.canOpen { connection } else { nil }
    }

    /// Whether calls can start here now, or once others have ended.
    var isConnected: Bool {
        if case .connected(let connection) = phase { connection.takesStreams } else { false }
    }

    /// Whether the server has said HELLO on a connection that takes calls.
    var isGreeted: Bool {
        if case .connected(let connection) = phase {
            connection.takesStreams && connection.wasGreeted
        } else {
            false
        }
    }

    /// Whether an attempt to connect is under way.
    var isConnecting: Bool { if case .connecting = phase { true } else { false } }

    /// Whether an attempt to connect may begin.
    func isDue(at now: NIODeadline) -> Bool {
        switch phase {
        case .idle: true
        case .backingOff(let until): until <= now
        case .connecting, .connected: false
        }
    }

    /// Connections open or being opened, those that finish their calls included.
    var connections: Int {
        switch phase {
        case .idle, .backingOff: retired.count
        case .connecting, .connected: retired.count + 1
        }
    }

    /// Begins an attempt to connect.
    func connect() {
        phase = .connecting
        loop.connector(self).whenFailure { error in
            if case .connecting = self.phase { self.failed(transportFault(error)) }
        }
    }

    /// The next attempt need not wait.
    func forgetWait() {
        if case .backingOff = phase { phase = .idle }
    }

    /// A new connection's transport is ready.
    func connected(_ connection: ClientConnection) {
        guard case .connecting = phase, index != nil else { return connection.closeAfterFlush() }
        phase = .connected(connection)
        loop.pump()
    }

    /// The server's HELLO came: the way to it is good.
    func greeted() {
        backoff.reset()
        loop.pump()
    }

    /// A connection takes no more calls, but finishes those it has.
    func retire(_ connection: ClientConnection) {
        guard case .connected(let current) = phase, current === connection else { return }
        retired[ObjectIdentifier(connection)] = connection
        phase = .idle
        loop.lost(self)
    }

    /// A connection closes, or is closed.
    func lost(_ connection: ClientConnection, _ reason: String) {
        guard case .connected(let current) = phase, current === connection else { return }
        retired[ObjectIdentifier(connection)] = connection
        guard connection.wasGreeted else { return failed(reason) }
        loop.configuration.logger.debug("connection lost", metadata: metadata(reason))
        phase = .idle
        loop.lost(self)
    }

    /// A connection is closed, or came to nothing.
    func closed(_ connection: ClientConnection, _ reason: String) {
        lost(connection, reason)
        if retired.removeValue(forKey: ObjectIdentifier(connection)) != nil { return }
        if case .connecting = phase { failed(reason) }
    }

    /// The address is no longer the server's: its connections close when their calls have ended.
    func dismiss() {
        index = nil
        if case .connected(let connection) = phase {
            retired[ObjectIdentifier(connection)] = connection
            phase = .idle
        }
        for connection in retired.values { connection.closeWhenIdle() }
    }

    /// Closes all connections.
    func close() -> [EventLoopFuture<Void>] {
        dismiss()
        let open = Array(retired.values)
        for connection in open { connection.closeAfterFlush() }
        return open.map(\.channel.closeFuture)
    }

    /// An attempt came to nothing: the next one waits.
    private func failed(_ reason: String) {
        let wait = backoff.fail(jitter: loop.configuration.jitter())
        phase = .backingOff(until: loop.eventLoop.now + TimeAmount(wait))
        loop.configuration.logger.log(
            level: backoff.failures == 1 ? .info : .debug,
            "cannot connect",
            metadata: metadata(reason)
        )
        loop.failed(self, reason)
    }

    private func metadata(_ reason: String) -> Logger.Metadata {
        ["server": "\(loop.name)", "address": "\(address.text)", "reason": "\(reason)"]
    }
}

extension SocketAddress {
    /// `1.2.3.4:5` or `[::1]:5`; for a socket without port its description.
    var text: String {
        guard let ipAddress, let port else { return description }
        return RPCAddress(host: ipAddress, port: port).description
    }
}
