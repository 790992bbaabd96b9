/// Why certificates, keys or settings cannot be used.
///
/// Each `description` is one line that says what to do.
public enum TLSError: Error, Sendable, Hashable {
    /// No file is at `path`.
    case fileMissing(path: String)
    /// The file cannot be read; `reason` is the system's.
    case fileUnreadable(path: String, reason: String)
    /// The file is larger than `limitBytes`: not a certificate or key.
    case fileTooLarge(path: String, limitBytes: Int)
    /// The file holds no PEM certificate, or a damaged one.
    case noCertificate(path: String)
    /// The file holds no PEM private key, or a damaged one.
    case noKey(path: String)
    /// The key asks for a passphrase.
    case keyEncrypted(path: String)
    /// The key is another certificate's.
    case keyMismatch(certificatePath: String, keyPath: String)
    /// One of certificate and key is set without the other.
    case certificateWithoutKey
    /// A server was set up without a certificate.
    case serverWithoutCertificate
    /// The certificate ended at `date` (UTC).
    case expired(path: String, date: String)
    /// The certificate begins only at `date` (UTC).
    case notYetValid(path: String, date: String)
    /// An ALPN name must have 1 to 255 bytes, and there must be at least one.
    case badProtocolNames
    /// The name of the expected peer cannot be checked (empty, or with a zero byte).
    case badPeerName(String)
    /// libssl refused; `reason` is its own text.
    case library(reason: String)
}

extension TLSError: CustomStringConvertible {
    /// One line: what is wrong and what to do.
    public var description: String {
        switch self {
        case .fileMissing(let path):
            "\(path) does not exist: make certificates with deploy/certs, or correct the setting."
        case .fileUnreadable(let path, let reason):
            "\(path) cannot be read (\(reason)): let this process's user read it."
        case .fileTooLarge(let path, let limitBytes):
            "\(path) is larger than \(limitBytes) bytes: name a PEM file."
        case .noCertificate(let path):
            "\(path) holds no PEM certificate (-----BEGIN CERTIFICATE-----): name one that does."
        case .noKey(let path):
            "\(path) holds no PEM private key (-----BEGIN PRIVATE KEY-----): name one that does."
        case .keyEncrypted(let path):
            "\(path) is locked by a passphrase: name a key without one (see openssl pkey)."
        case .keyMismatch(let certificatePath, let keyPath):
            "\(keyPath) is not the key of \(certificatePath): name the pair that was made together."
        case .certificateWithoutKey:
            "A certificate and its key go together: set both files, or neither."
        case .serverWithoutCertificate:
            "A server needs a certificate and its key: set both files."
        case .expired(let path, let date):
            "\(path) expired on \(date): renew it (deploy/certs --renew)."
        case .notYetValid(let path, let date):
            "\(path) is valid only from \(date): check this machine's clock, or the certificate."
        case .badProtocolNames:
            "ALPN needs at least one protocol name of 1 to 255 bytes."
        case .badPeerName(let name):
            "\"\(name)\" cannot name a peer: give its service name or its host name."
        case .library(let reason):
            "libssl refused: \(reason)."
        }
    }
}
