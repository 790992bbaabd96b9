import COpenSSL
import Synchronization

/// What all connections of one role share: certificates, trust, ciphers, remembered sessions.
///
/// Make one for each role of a process, or a `TLSSource` if the files may change; a context never
/// changes. The clock for certificates is the system's, as libcrypto reads it.
///
/// Safety: `handle` is owned until the end, and set up completely before `init` returns. From then
/// on it is only given to `SSL_new`, which libssl allows from every thread.
@safe public final class TLSContext: @unchecked Sendable {
    /// What this context was made of.
    public let settings: TLSSettings
    let handle: OpaquePointer
    let sessions = ClientSessions()
    /// Seconds since 1970 UTC at which certificates are judged; `nil`: now.
    let time: Int64?
    private let connections = Atomic<Int>(0)

    /// Reads and checks the files of `settings`.
    ///
    /// Blocks for as long as the disk does.
    ///
    /// - Parameters:
    ///   - settings: Which files, which protocols, whether peers show a certificate.
    ///   - time: Seconds since 1970 UTC at which all certificates are judged, own and peers';
    ///     `nil`: always now.
    /// - Throws: The first fault found, with what to do.
    public init(_ settings: TLSSettings, at time: Int64? = nil) throws(TLSError) {
        unsafe handle = try ContextBuilder(settings: settings, time: time).build()
        self.settings = settings
        self.time = time
    }

    deinit { unsafe SSL_CTX_free(handle) }

    /// How many connections use this context now.
    public var connectionCount: Int { connections.load(ordering: .relaxed) }

    func connectionOpened() { connections.wrappingAdd(1, ordering: .relaxed) }

    func connectionClosed() { connections.wrappingSubtract(1, ordering: .relaxed) }
}
