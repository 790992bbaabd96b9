/// What one side of a TLS connection shows, trusts and speaks.
///
/// Build one with `server(…)` or `client(…)`, then make a `TLSSource` (files that may change) or a
/// `TLSContext` of it.
public struct TLSSettings: Sendable, Hashable {
    /// Which end of the connection this is.
    public enum Role: Sendable, Hashable {
        /// The side that connects.
        case client
        /// The side that accepts.
        case server
    }

    /// Which end of the connection this is.
    public let role: Role
    /// A PEM file: the own certificate first, then the intermediate ones.
    ///
    /// A client may have none.
    public var certificatePath: String?
    /// A PEM file with the own certificate's private key, without a passphrase.
    public var keyPath: String?
    /// A PEM file with the authorities that peers' certificates must come from; `nil`: the
    /// system's.
    public var authorityPath: String?
    /// The ALPN names this side speaks, the preferred one first; none only where none is required.
    public var applicationProtocols: [String]
    /// Whether a peer that selects none of `applicationProtocols` is refused
    /// (`no_application_protocol`).
    public var requiresApplicationProtocol: Bool
    /// Whether a server refuses clients without a certificate.
    ///
    /// A client always checks its server's.
    public var requiresPeerCertificate: Bool

    /// The ALPN name of the RPC protocol.
    ///
    /// Source: `proto/PROTOCOL.md`, Transport.
    public static let rpcProtocol = "pass-rpc/1"

    /// Settings for the accepting side.
    ///
    /// - Parameters:
    ///   - certificatePath: PEM, the own certificate first.
    ///   - keyPath: PEM, the certificate's key.
    ///   - authorityPath: PEM, who must have signed clients' certificates; without effect when none
    ///     is required.
    ///   - requiresPeerCertificate: `true` between services, `false` at the door for people.
    ///   - applicationProtocols: ALPN names, the preferred one first.
    ///   - requiresApplicationProtocol: `false` only where peers older than ALPN are welcome.
    /// - Returns: Settings to make a `TLSSource` or `TLSContext` of.
    public static func server(
        certificatePath: String,
        keyPath: String,
        authorityPath: String?,
        requiresPeerCertificate: Bool = true,
        applicationProtocols: [String] = [rpcProtocol],
        requiresApplicationProtocol: Bool = true
    ) -> TLSSettings {
        TLSSettings(
            role: .server,
            certificatePath: certificatePath,
            keyPath: keyPath,
            authorityPath: authorityPath,
            applicationProtocols: applicationProtocols,
            requiresApplicationProtocol: requiresApplicationProtocol,
            requiresPeerCertificate: requiresPeerCertificate
        )
    }

    /// Settings for the connecting side.
    ///
    /// - Parameters:
    ///   - certificatePath: PEM, the own certificate first; `nil`: shows none.
    ///   - keyPath: PEM, the certificate's key.
    ///   - authorityPath: PEM, who must have signed the server's certificate; `nil`: the system's
    ///     authorities.
    ///   - applicationProtocols: ALPN names, the preferred one first.
    ///   - requiresApplicationProtocol: Whether a server that selects none is refused.
    /// - Returns: Settings to make a `TLSSource` or `TLSContext` of.
    public static func client(
        certificatePath: String? = nil,
        keyPath: String? = nil,
        authorityPath: String?,
        applicationProtocols: [String] = [rpcProtocol],
        requiresApplicationProtocol: Bool = true
    ) -> TLSSettings {
        TLSSettings(
            role: .client,
            certificatePath: certificatePath,
            keyPath: keyPath,
            authorityPath: authorityPath,
            applicationProtocols: applicationProtocols,
            requiresApplicationProtocol: requiresApplicationProtocol,
            requiresPeerCertificate: true
        )
    }
}
