import NIOCore

/// The bounds of this target, each with its reason.
enum Limits {
    /// A handshake takes two round trips; past 5 s the peer is dead or no TLS peer, and holds a
    /// socket.
    static let handshakeTimeout = TimeAmount.seconds(5)
    /// How long a closing connection waits for the peer's closing message, reading on meanwhile:
    /// closing a socket with unread bytes makes the kernel discard what was sent last.
    static let closeTimeout = TimeAmount.seconds(1)
    /// The plaintext of one record.
    ///
    /// Source: RFC 8446 §5.1.
    static let recordBytesMax = 16_384
    /// Ciphertext handed to the channel in one buffer, and plaintext handed to the next handler in
    /// one: larger ones cost more in growing than they save.
    static let chunkBytes = 65_536
    /// Buffers up to this size are kept for the next use, on busy connections those up to
    /// `chunkBytes`; larger ones would burden idle connections.
    static let keptBufferBytesMax = 4_096
    /// So many batches of reads within `busyTime` make a connection busy: what the buffers of one
    /// cost to get and give back is then worth their memory.
    static let busyBatches = 16
    /// How often a busy connection is looked at.
    static let busyTime = TimeAmount.seconds(1)
    /// Steps of libssl's state machine that a peer may cause after the handshake for free.
    ///
    /// Each MiB it sends allows one more. A ticket or a key update costs two or three steps, and
    /// more work here than there.
    static let freeSteps = 64
    /// Sessions a client remembers, one for each peer: more than there are services and doors.
    static let sessionsMax = 64
    /// Sessions that a server remembers which asks for certificates, some 6 KiB each.
    ///
    /// The oldest goes first, which costs its peer a full handshake.
    static let serverSessionsMax = 2_048
    /// A certificate chain, key or list of authorities; the system's own list has about 250 KiB.
    static let fileBytesMax = 1_048_576
}
