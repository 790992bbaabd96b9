/// Every bound of the RPC stack, with its unit and its reason.
///
/// Source: `proto/PROTOCOL.md`, "Limits". Times are in nanoseconds only where NIO asks for them;
/// here they are `Duration`s.
public enum Limits {

    /// Bytes of the fixed part of a frame: length, type, flags, header length, stream.
    static let headBytes = 12

    /// A frame's `length` field is below this, so that the first byte on the wire is always 0.
    static let frameLengthEnd = 1 << 24

    /// Largest frame header in bytes: a path, a trace context and a few short pairs need under 1 KiB;
    /// 16 KiB leaves room for a token and error details and keeps a hostile header cheap.
    public static let headerBytesMax = 16 * 1024

    /// Largest payload in bytes that a side accepts unless its HELLO says more; also the least it may
    /// announce, since the other side may send before it has read the HELLO.
    public static let messageBytesDefault = 1 << 20

    /// Largest payload in bytes that a frame can carry beside the largest header.
    public static let messageBytesMax = frameLengthEnd - 1 - 8 - headerBytesMax

    /// Calls under way per connection unless the HELLO says other.
    public static let streamsDefault = 256

    /// Tasks that wait for a next call on an event loop: one connection's streams, for a burst.
    ///
    /// Each keeps 1 KiB, or what its handlers needed at most.
    static let idleLanesMax = streamsDefault

    /// Initial credit in payload bytes, per stream and direction.
    public static let windowBytesDefault = 256 * 1024

    /// Credit never passes this many bytes; a CREDIT that would take it there is a fault.
    static let creditBytesMax = Int(Int32.max)

    /// Messages of a stream that wait unread.
    ///
    /// Messages of no bytes use up no credit, so the window alone does not bound them; with at
    /// least one byte each, no more than this fit in a default window.
    static let unreadMessagesMax = 256 * 1024

    /// The last stream id of a connection; the client then opens a new one.
    static let streamIDLast: UInt32 = (1 << 31) - 1

    /// How long a connection may take until its handshake is done and the peer's HELLO is there.
    static let helloTimeout: Duration = .seconds(5)

    /// How long a TCP connection attempt may take.
    static let connectTimeout: Duration = .seconds(5)

    /// Silence after which a side with open streams asks whether the other is still there.
    static let keepaliveSilence: Duration = .seconds(15)

    /// How long the answer to PING may take before the connection counts as dead.
    static let keepaliveAnswer: Duration = .seconds(5)

    /// PINGs closer together than this, without open streams, are counted.
    static let pingSpacing: Duration = .seconds(10)

    /// More counted PINGs than this end the connection: an idle peer has no reason to ask.
    static let idlePingsMax = 3

    /// More RESETs than this of one client within `resetWindow`, if they are over half of the
    /// streams open in that time, end the connection: a client's own limit of 256 streams under way
    /// lets it cancel nearly all of them at once.
    static let resetsMax = 200

    /// The time in which RESETs are counted.
    static let resetWindow: Duration = .seconds(1)

    /// How long a client that has begun a frame may send nothing at all.
    ///
    /// Longer than TCP takes to get through a route that was gone for a while; any byte starts it
    /// anew, so a slow sender lives.
    static let unfinishedFrame: Duration = .seconds(30)

    /// How long a client may take to acknowledge DRAIN.
    static let drainAnswer: Duration = .seconds(5)

    /// How long a closing side waits for its last bytes to leave and for the peer to close as well.
    static let closeLinger: Duration = .seconds(1)

    /// Longest time that a call can be given; what is asked beyond is cut to it, so that sums of times
    /// never overflow.
    static let callTimeoutMax: Duration = .seconds(365 * 24 * 3600)

    /// What a call made from a handler gives up of the time left, so that the handler can still answer.
    static let inheritanceMargin: Duration = .milliseconds(2)

    /// Unacknowledged TCP data older than this ends the connection (Linux `TCP_USER_TIMEOUT`, in
    /// milliseconds): keepalive notices a silent peer, this notices a vanished route under load.
    static let tcpUserTimeoutMilliseconds = 20_000

    /// Silence on a connection without streams after which TCP itself asks whether the peer is still
    /// there, in seconds: one that vanished without a word, as telephones do, must not take up a
    /// place for ever; more often would wake telephones.
    static let tcpKeepIdleSeconds = 300

    /// Seconds from one such question to the next; the first without an answer is the last.
    static let tcpKeepIntervalSeconds = 60

    /// Wait before the second attempt to connect.
    static let backoffFirst: Duration = .milliseconds(100)

    /// The wait grows by this factor with each failure in a row.
    static let backoffFactor = 1.6

    /// The wait moves by up to this share either way, so that a server's clients do not fall in step.
    static let backoffJitter = 0.2

    /// The wait never grows above this.
    static let backoffMax: Duration = .seconds(10)

    /// Calls of one event loop that wait for a connection or for a free stream.
    ///
    /// About four times what is under way; more would only wait past their deadlines.
    static let queuedCallsMax = 1024

    /// Connections that a server keeps at once: below the usual limit of 16,384 file descriptors of a
    /// service, with room for its database and its own clients.
    public static let connectionsDefault = 10_000

    /// Connections at a server's door for operators: a few people and probes, who must not cost the
    /// clients theirs.
    static let operatorConnectionsMax = 64

    /// Connections that wait in the kernel to be accepted.
    static let acceptBacklog: Int32 = 1024

    /// Connections that send in one go at most: the first of them waits for as many reads.
    static let flushBatchMax = 32

    /// Start size in bytes of a connection's outbound buffer.
    ///
    /// Room for HELLO and a small answer or two: an idle connection keeps no more.
    static let outboundBytesStart = 512

    /// An outbound buffer that grew beyond this many bytes is given back after its flush.
    static let outboundBytesKept = 256 * 1024

    /// Unsent bytes of a connection below which writers of streams go on.
    static let unsentBytesLow = 256 * 1024

    /// Unsent bytes of a connection above which writers of streams wait, and a server stops reading
    /// requests: a client that does not read its answers must not fill the server's memory with them.
    static let unsentBytesHigh = 1 << 20

    /// Unread bytes received so far of an unfinished frame are joined in one buffer; a buffer that grew
    /// beyond this many bytes is given back once it is empty.
    static let inboundBytesKept = 256 * 1024

    /// Bytes that wait in a buffer of this size or larger, and fill less than a quarter of it, are
    /// copied to one of their own: below it a copy saves less than it costs.
    static let inboundBytesShared = 4096

    /// Bytes that a server holds for all its clients together: what its windows allow to 256
    /// clients that are not read from, and a small part of the memory that a service is given.
    public static let bufferedBytesDefault = 64 << 20

    /// What a message that waits unread takes up beside its payload, in bytes: its place in the
    /// queue and the object around its memory.
    static let messageOverheadBytes = 64

    /// Headers up to this size count as part of their call, which a connection's streams bound; the
    /// metadata of longer ones counts as held.
    static let headerBytesCommon = 1024

    /// What a pair of metadata takes up beside its text, in bytes: at most its place in a list that
    /// has grown, and the object around its value.
    static let pairOverheadBytes = 80

    /// Bytes held by an event loop's connections that the server has not heard of yet: few enough
    /// for the budget, many enough that loops do not compete for its counter.
    static let heldBytesStep = 64 * 1024

    /// Slow calls that an event loop keeps to tell of.
    static let slowCallsKept = 64

    /// Calls that take this long are slow unless set: an answer that a person waits for would be
    /// late.
    public static let slowCallDefault: Duration = .milliseconds(100)

    /// Messages of this many bytes are worth a look at the clock when they are coded.
    static let timedMessageBytes = 16 * 1024

    /// Connections, and streams, that introspection tells of unless asked for more.
    static let statusRowsDefault = 20

    /// Connections, and streams, that introspection tells of at most: the answer stays below the
    /// least that any client accepts.
    static let statusRowsMax = 1000

    /// Bytes written to a connection before its socket is asked what it has not taken.
    static let unsentBytesUnasked = 4096

    /// Replicas of a target that a client knows at once, which bounds its connections.
    static let endpointsMax = 64

    /// Attempts to connect that an event loop makes at once: enough not to be held up by an address
    /// that swallows packets, and no flood for a server that comes back.
    static let connectingMax = 4

    /// How long the addresses of a target are taken for granted.
    static let resolveInterval: Duration = .seconds(10)

    /// The resolver is not asked more often than this, however many connections are lost.
    static let resolveSpacing: Duration = .seconds(1)

    /// The time in which what is known of a replica's latency fades to a third.
    static let latencyDecay: Duration = .seconds(10)

    /// A failure counts as an answer that took at least so long, or quick failures would attract
    /// calls.
    static let failurePenalty: Duration = .seconds(1)

    /// A replica that fails so many calls in a row is set aside.
    static let failuresInRowMax = 5

    /// How long it is set aside at first; doubled with each call that finds it still ill.
    static let setAsideFirst: Duration = .milliseconds(100)

    /// It is never set aside for longer than this.
    static let setAsideMax: Duration = .seconds(30)

    /// How often a call is tried, the first time included.
    static let triesMax: UInt32 = 3

    /// Wait before a call is tried again, doubled with each try.
    static let retryWaitFirst: Duration = .milliseconds(50)

    /// A call that is asked to come back later than this ends instead.
    static let retryAfterMax: Duration = .seconds(30)

    /// The time over which calls and tries beyond the first are counted.
    static let retryWindow: Duration = .seconds(10)

    /// Tries beyond the first, as a share of all calls to the target: retries must not multiply the
    /// load of a server that fails for having too much of it.
    static let retryShare = 0.2

    /// Tries beyond the first that a window allows however few calls there are: 10 a second.
    static let retriesFree = 100

    /// Second tries of calls that take long, as a share of all calls to the target.
    static let hedgeShare = 0.05

    /// Answers of a method that have to be known before a call counts as slow.
    static let hedgeSamplesMin = 20
}
