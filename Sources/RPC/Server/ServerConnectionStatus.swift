import NIOCore

/// What the connection tells of itself.
extension ServerConnection {
    /// The answers of slow calls have been handed to the socket.
    func keepSlow() {
        let now = eventLoop.now
        for var record in unflushedSlow {
            record.times.flush = now - record.answeredAt - record.times.encode
            loop.slowCalls.add(record)
        }
        unflushedSlow = []
    }

    /// The connection at this moment.
    func status(at now: NIODeadline) -> ConnectionStatus {
        ConnectionStatus(
            number: UInt64(number),
            peer: peer.name,
            instance: state.peer.instance,
            address: channel.remoteAddress.map(Self.text) ?? "",
            ageUs: (now - openedAt).wholeMicroseconds,
            phase: phaseName,
            streams: UInt32(state.streams.count),
            requests: UInt64(state.requests),
            receivedBytes: receivedBytes,
            sentBytes: sentBytes,
            unreadBytes: UInt64(unreadBytes + input.heldBytes),
            unsentBytes: UInt64(unsentBytes)
        )
    }

    /// The stream in `slot`, if there is one.
    func streamStatus(_ slot: Int, at now: NIODeadline) -> StreamStatus? {
        guard slot < calls.count, let call = calls[slot] else { return nil }
        let stream = state.streams[slot]
        let phase = call.isWaiting ? "waiting" : stream.isOpen ? "at work" : "ended"
        return StreamStatus(
            connection: UInt64(number),
            stream: stream.id,
            method: call.method.descriptor.path,
            phase: phase,
            ageUs: (now - call.readAt).wholeMicroseconds,
            leftUs: call.context.deadline.map { max(.zero, $0 - now).wholeMicroseconds } ?? 0,
            receivedBytes: UInt64(call.receivedBytes),
            sentBytes: UInt64(call.sentBytes),
            unreadBytes: UInt64(call.unreadBytes),
            sendCredit: Int64(stream.credits.toSend),
            receiveCredit: Int64(stream.credits.toReceive)
        )
    }

    private var phaseName: String {
        if isClosing { return "closing" }
        return switch state.phase {
        case .awaitingHello: "hello"
        case .open: "open"
        case .draining: "draining"
        case .drained: "drained"
        case .ended: "closing"
        }
    }

    private static func text(_ address: SocketAddress) -> String {
        guard let ip = address.ipAddress, let port = address.port else { return "" }
        return ip.contains(":") ? "[\(ip)]:\(port)" : "\(ip):\(port)"
    }
}

extension PeerIdentity {
    /// The service that the certificate names; empty without one.
    var name: String {
        switch self {
        case .anonymous: ""
        case .service(let name): name
        }
    }
}

extension TimeAmount {
    /// Whole microseconds, for the wire.
    var wholeMicroseconds: UInt64 { UInt64(max(0, nanoseconds) / 1000) }
}
