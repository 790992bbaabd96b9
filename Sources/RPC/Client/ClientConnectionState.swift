import NIOCore

/// What a client knows of one connection: a value that frames, times and calls change, and that
/// says what to do about it.
///
/// It touches no channel.
///
/// Source: `proto/PROTOCOL.md`.
struct ClientConnectionState {
    enum Phase: Equatable {
        /// The server has until then for its HELLO; calls go out under the default limits meanwhile.
        case awaitingHello(until: NIODeadline)
        case open
        /// The server stops: no more streams are opened, those that are go on.
        case draining
        /// Nothing that comes is read any more.
        case ended
    }

    /// One call, from its REQUEST until it has ended.
    struct Stream {
        let id: UInt32
        let serverStreams: Bool
        /// When the caller gives up; `distantFuture` for a call without end.
        let deadline: NIODeadline
        /// Whether END is written.
        var isRequestEnded: Bool
        var credits: Credits
        /// Messages of MESSAGE frames that the caller has not taken.
        var unread = 0
    }

    let own: Announcement
    var peer = Announcement()
    var phase: Phase
    var streams = StreamTable<Stream>()
    var keepalive: Keepalive
    /// The id of the next stream.
    var nextID: UInt32
    /// Streams from this id on have not left the buffer: the server cannot have seen them.
    var firstUnwrittenID: UInt32
    /// No stream has a deadline before this.
    var earliestDeadline = NIODeadline.distantFuture

    init(own: Announcement, now: NIODeadline, firstID: UInt32 = 1) {
        self.own = own
        phase = .awaitingHello(until: now + TimeAmount(Limits.helloTimeout))
        keepalive = Keepalive(now: now)
        nextID = firstID
        firstUnwrittenID = firstID
    }

    /// The transport is ready: the time for the server's HELLO runs from now.
    mutating func started(at now: NIODeadline) {
        guard case .awaitingHello = phase else { return }
        phase = .awaitingHello(until: now + TimeAmount(Limits.helloTimeout))
    }

    /// Whether a stream may be opened now.
    var canOpen: Bool { takesStreams && streams.count < peer.streams }

    /// Whether streams may be opened now or when others have ended.
    var takesStreams: Bool {
        switch phase {
        case .awaitingHello, .open: nextID <= Limits.streamIDLast
        case .draining, .ended: false
        }
    }

    /// Whether the ids of this connection are used up.
    var isSpent: Bool { nextID > Limits.streamIDLast }

    /// Opens a stream; the caller writes its REQUEST.
    ///
    /// - Precondition: `canOpen`.
    mutating func open(
        _ kind: CallKind,
        deadline: NIODeadline,
        isRequestEnded: Bool,
        now: NIODeadline
    ) -> (slot: Int, id: UInt32) {
        precondition(canOpen, "a stream opens only where there is room")
        keepalive.streamOpened(at: now, isOnlyOne: streams.count == 0)
        earliestDeadline = min(earliestDeadline, deadline)
        let id = nextID
        nextID += 2
        let slot = streams.open(
            id,
            Stream(
                id: id,
                serverStreams: kind.serverStreams,
                deadline: deadline,
                isRequestEnded: isRequestEnded,
                credits: Credits(toSend: peer.windowBytes, window: own.windowBytes)
            )
        )
        return (slot, id)
    }

    /// All that is written so far has left.
    mutating func flushed() {
        firstUnwrittenID = nextID
    }

    /// Whether the server cannot have seen the stream's REQUEST.
    func isUnwritten(_ slot: Int) -> Bool { streams[slot].id >= firstUnwrittenID }

    /// The stream has ended, or is ended by this side.
    mutating func close(_ slot: Int) {
        streams.close(streams[slot].id)
        streams.release(slot)
    }

    /// Whether a message of this stream may leave now.
    func canSend(_ slot: Int) -> Bool { streams[slot].credits.canSend }

    /// A MESSAGE of `bytes` payload was written.
    mutating func sent(_ slot: Int, bytes: Int) {
        streams[slot].credits.send(bytes)
    }

    /// The caller took a message that came in a MESSAGE frame.
    ///
    /// - Returns: The credit to give back now, or 0.
    mutating func consumed(_ slot: Int, bytes: Int) -> Int {
        streams[slot].unread -= 1
        return streams[slot].credits.consume(bytes)
    }

    /// What to do because time has passed.
    enum Due: Equatable {
        case ping
        /// The caller gives up: RESET to the server.
        case expire(Int)
        case close(String)
    }

    /// When `tick` next has something to do.
    var wake: NIODeadline {
        var wake = earliestDeadline
        switch phase {
        case .awaitingHello(let until): wake = min(wake, until)
        case .open, .draining: break
        case .ended: return .distantFuture
        }
        return streams.count > 0 ? min(wake, keepalive.wake) : wake
    }

    /// What is due at `now`.
    mutating func tick(_ now: NIODeadline) -> [Due] {
        var due: [Due] = []
        switch phase {
        case .ended: return []
        case .awaitingHello(let until) where until <= now:
            phase = .ended
            return [.close("The server sent no HELLO.")]
        default: break
        }
        if streams.count > 0 {
            switch keepalive.step(at: now) {
            case .none: break
            case .ping: due.append(.ping)
            case .dead:
                phase = .ended
                return [.close("The server answers nothing.")]
            }
        }
        guard earliestDeadline <= now else { return due }
        earliestDeadline = .distantFuture
        for slot in streams.used {
            if streams[slot].deadline <= now {
                due.append(.expire(slot))
            } else {
                earliestDeadline = min(earliestDeadline, streams[slot].deadline)
            }
        }
        return due
    }
}

/// What to do about what came.
enum ClientAction {
    case none
    /// The server's HELLO came; more streams may fit.
    case hello
    /// Hand over a message.
    case message(Int, ByteBuffer)
    /// The call has ended with a status, `nil` for OK, and perhaps a message.
    case ended(Int, RPCError?, ByteBuffer?)
    /// A stream fault: RESET to the server, and the call fails.
    case fault(Int, UInt32, RPCError)
    /// More may be sent.
    case credit(Int)
    /// Answer a PING.
    case pong(UInt64)
    /// Open no more streams and acknowledge.
    case drain
    /// Send GOAWAY, flush and close.
    case goAway(RPCError)
    /// Close without a word.
    case close(String)
    /// The server said GOAWAY.
    case peerLeft(RPCError?)
}
