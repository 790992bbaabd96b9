/// What a caller may say of one call.
public struct CallOptions: Sendable {
    /// How long to wait for the whole call; `nil` means the method's own default.
    ///
    /// Never longer than what is left to the handler that makes the call.
    public var timeout: Duration?
    /// What to send along.
    public var metadata: Metadata
    /// While there is no connection: `true` waits for one until the deadline, `false` fails at once
    /// with UNAVAILABLE and NOT_PROCESSED.
    public var waitsForConnection: Bool
    /// Whether a unary call, or a server stream before its first message, is tried again when that
    /// is safe: when no handler saw it, or the method is idempotent and the server unavailable.
    public var retries: Bool
    /// Whether a unary call of an idempotent method that takes longer than 19 of 20 of its calls
    /// goes to a second replica as well; the answer that comes first counts.
    ///
    /// For reads whose slowest answers matter; at most 5 % of all calls to the server.
    public var hedges: Bool

    /// Options; by default the method's timeout, no metadata, no waiting, retries and no hedges.
    public init(
        timeout: Duration? = nil,
        metadata: Metadata = Metadata(),
        waitsForConnection: Bool = false,
        retries: Bool = true,
        hedges: Bool = false
    ) {
        self.timeout = timeout
        self.metadata = metadata
        self.waitsForConnection = waitsForConnection
        self.retries = retries
        self.hedges = hedges
    }
}
