public import NIOCore

/// What became of one call on a server, once its handler has returned.
public struct CallReport: Sendable {
    /// How it ended; `nil` is OK.
    public let code: RPCError.Code?
    /// Where its time went, but for the flush, which comes later.
    public let times: CallTimes
    /// Payload of the client's messages, in bytes.
    public let receivedBytes: Int
    /// Payload of the server's messages, in bytes.
    public let sentBytes: Int
}

/// Where the time of a call went on a server.
public struct CallTimes: Sendable, Equatable {
    /// From the socket until its frame was cut, behind others that came with it.
    public internal(set) var read = TimeAmount.zero
    /// Waiting for others of its method.
    public internal(set) var queue = TimeAmount.zero
    /// Decoding a request of 16 KiB or more; a smaller one's counts as the handler's.
    public internal(set) var decode = TimeAmount.zero
    /// From the handler's start to the answer, or to the end of the call if that was before.
    public internal(set) var handler = TimeAmount.zero
    /// Encoding an answer of 16 KiB or more, or of a slow call; else it is too little to look at.
    public internal(set) var encode = TimeAmount.zero
    /// From the written answer until it was handed to the socket; known of slow calls alone.
    public internal(set) var flush = TimeAmount.zero

    /// All stages together.
    public var total: TimeAmount { read + queue + decode + handler + encode + flush }
}

/// Hears of the calls of one method, for metrics.
///
/// Called on event loops, in the way of calls: it must be quick and must not wait.
public struct CallObserver: Sendable {
    /// A call came.
    public var began: @Sendable () -> Void
    /// A call is over: its handler has returned, or it was turned away.
    public var ended: @Sendable (CallReport) -> Void

    /// Calls `began` once for each call, and later `ended`.
    public init(
        began: @escaping @Sendable () -> Void,
        ended: @escaping @Sendable (CallReport) -> Void
    ) {
        self.began = began
        self.ended = ended
    }
}

/// A call that took long.
struct SlowCallRecord: Sendable {
    let method: BoundMethod
    let peer: PeerIdentity
    let code: RPCError.Code?
    let answeredAt: NIODeadline
    var times: CallTimes
    let receivedBytes: Int
    let sentBytes: Int
}

/// The last slow calls of an event loop.
struct SlowCallRing {
    private var records: [SlowCallRecord] = []
    private var next = 0

    mutating func add(_ record: SlowCallRecord) {
        if records.count < Limits.slowCallsKept {
            records.append(record)
        } else {
            records[next] = record
        }
        next = (next + 1) % Limits.slowCallsKept
    }

    /// All of them, in no order.
    var all: [SlowCallRecord] { records }
}
