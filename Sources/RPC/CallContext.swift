public import NIOCore

/// Who is at the other end of a connection.
public enum PeerIdentity: Sendable, Hashable {
    /// A peer that showed no certificate.
    case anonymous
    /// A peer whose certificate names it: the last part of the URI SAN
    /// `spiffe://pass-emploi/messaging` is `messaging`.
    case service(String)
}

/// What a handler knows of its call beside the messages.
public struct CallContext: Sendable {
    /// The method called.
    public let method: MethodDescriptor
    /// Who is at the other end of the connection.
    public let peer: PeerIdentity
    /// What the caller sent along.
    public let metadata: Metadata
    /// When the caller stops waiting; `nil` for a call without end.
    public let deadline: NIODeadline?
    /// W3C trace context (25 bytes), or empty.
    public let traceContext: [UInt8]
    /// Which try this is: 0 for the first, then 1, 2 and so on.
    public let attempt: UInt32

    /// Describes a call.
    ///
    /// For servers and tests.
    public init(
        method: MethodDescriptor,
        peer: PeerIdentity,
        metadata: Metadata = Metadata(),
        deadline: NIODeadline? = nil,
        traceContext: [UInt8] = [],
        attempt: UInt32 = 0
    ) {
        self.method = method
        self.peer = peer
        self.metadata = metadata
        self.deadline = deadline
        self.traceContext = traceContext
        self.attempt = attempt
    }

    /// The deadline of the call being handled by this task: calls made from a handler inherit it.
    @TaskLocal public static var inheritedDeadline: NIODeadline?
}
