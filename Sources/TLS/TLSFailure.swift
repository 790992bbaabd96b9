/// Why a connection's TLS ended.
///
/// Reaches the pipeline through `errorCaught`; the connection is then closed.
public struct TLSFailure: Error, Sendable, Hashable {
    /// The cases a caller can tell apart.
    public enum Kind: Sendable, Hashable {
        /// The first bytes were no TLS.
        case notTLS
        /// The sides share no TLS version; this one speaks 1.3 only.
        case versionMismatch
        /// The sides share no application protocol (ALPN).
        case noApplicationProtocol
        /// The peer's certificate comes from an authority not trusted here.
        case unknownAuthority
        /// The peer's certificate has expired.
        case certificateExpired
        /// The peer's certificate is not valid yet.
        case certificateNotYetValid
        /// The peer's certificate fails for another cause, which `reason` names.
        case certificateInvalid
        /// The peer's certificate is sound but somebody else's.
        case wrongPeer(expected: String, found: [String])
        /// The peer showed no certificate, and one is required here.
        case peerHasNoCertificate
        /// The peer requires a certificate from this side.
        case peerWantsCertificate
        /// The peer does not accept this side's certificate.
        case peerRefusedCertificate
        /// The peer ended TLS with another alert; the number is RFC 8446's.
        case peerAlert(UInt8)
        /// The handshake took longer than its limit.
        case handshakeTimeout
        /// The peer closed the connection during the handshake.
        case closedDuringHandshake
        /// The connection ended without TLS's closing message: what came last may be missing.
        case truncated
        /// The peer sent more key updates or tickets than any use explains.
        case tooManyUpdates
        /// The peer's bytes break TLS, or were changed on the way.
        case protocolViolation
    }

    /// What went wrong.
    public let kind: Kind
    /// libssl's own words, or empty.
    public let reason: String

    /// Describes the end of a connection.
    public init(_ kind: Kind, reason: String = "") {
        self.kind = kind
        self.reason = reason
    }
}

extension TLSFailure: CustomStringConvertible {
    /// One line: a hint for people, then libssl's words.
    public var description: String {
        reason.isEmpty ? hint : "\(hint) (\(reason))"
    }

    private var hint: String {
        switch kind {
        case .notTLS: "The peer does not speak TLS: is this the right port?"
        case .versionMismatch: "The peer does not speak TLS 1.3."
        case .noApplicationProtocol:
            "The peer speaks another application protocol (ALPN): is this the right port?"
        case .unknownAuthority:
            "The peer's certificate is signed by another CA than the one trusted here."
        case .certificateExpired:
            "The peer's certificate has expired: renew it, or check this machine's clock."
        case .certificateNotYetValid:
            "The peer's certificate is not valid yet: check both machines' clocks."
        case .certificateInvalid: "The peer's certificate cannot be accepted."
        case .wrongPeer(let expected, let found):
            "The peer is not \(expected); its certificate names "
                + (found.isEmpty ? "nobody." : found.joined(separator: ", ") + ".")
        case .peerHasNoCertificate: "The peer showed no certificate, and one is required."
        case .peerWantsCertificate: "The peer wants a client certificate: set one, with its key."
        case .peerRefusedCertificate:
            "The peer refuses this side's certificate: do both trust the same CA? Has it expired?"
        case .peerAlert(let number): "The peer ended TLS with alert \(number)."
        case .handshakeTimeout: "The TLS handshake took too long: the peer may not speak TLS."
        case .closedDuringHandshake:
            "The peer closed the connection during the TLS handshake: is this the right port?"
        case .truncated: "The connection ended in the middle of TLS."
        case .tooManyUpdates: "The peer sent too many TLS key updates or tickets."
        case .protocolViolation: "The peer's bytes are not valid TLS."
        }
    }
}
