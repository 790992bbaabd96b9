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

    /// Options; by default the method's timeout, no metadata, no waiting, and retries.
    public init(
        timeout: Duration? = nil,
        metadata: Metadata = Metadata(),
        waitsForConnection: Bool = false,
        retries: Bool = true
    ) {
        self.timeout = timeout
        self.metadata = metadata
        self.waitsForConnection = waitsForConnection
        self.retries = retries
    }
}
