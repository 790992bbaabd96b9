import NIOCore

/// Whether the peer is still there, and whether it asks too often.
struct Keepalive {
    /// What to do when the time has come.
    enum Step: Equatable {
        case none
        /// Ask the peer.
        case ping
        /// The peer did not answer.
        case dead
    }

    private var lastRead: NIODeadline
    private var askedAt: NIODeadline?
    private var lastPing: NIODeadline?
    private var idlePings = 0

    init(now: NIODeadline) {
        lastRead = now
    }

    /// Bytes came, whatever they mean.
    mutating func read(at now: NIODeadline) {
        lastRead = now
        askedAt = nil
    }

    /// When `step` next has something to say, while streams are open.
    var wake: NIODeadline {
        if let askedAt { return askedAt + TimeAmount(Limits.keepaliveAnswer) }
        return lastRead + TimeAmount(Limits.keepaliveSilence)
    }

    /// What to do at `now`, with streams open.
    mutating func step(at now: NIODeadline) -> Step {
        guard now >= wake else { return .none }
        guard askedAt == nil else { return .dead }
        askedAt = now
        return .ping
    }

    /// Counts a PING of the peer.
    ///
    /// - Returns: Whether there have been too many, too close together, without streams.
    mutating func isFlood(pingAt now: NIODeadline, hasStreams: Bool) -> Bool {
        let isClose = lastPing.map { now - $0 < TimeAmount(Limits.pingSpacing) } ?? false
        lastPing = now
        if hasStreams {
            idlePings = 0
        } else {
            idlePings = isClose ? idlePings + 1 : 1
        }
        return idlePings > Limits.idlePingsMax
    }

    /// A stream opened: the PINGs before it no longer count, and neither does the silence while
    /// there was nothing to say.
    mutating func streamOpened(at now: NIODeadline, isOnlyOne: Bool) {
        idlePings = 0
        if isOnlyOne { read(at: max(now, lastRead)) }
    }
}
