/// Who a client expects at the other end.
public enum TLSPeer: Sendable, Hashable {
    /// Whoever holds a certificate of a trusted authority. For servers, which decide per call.
    case anyone
    /// The holder of a certificate with this URI among its subject alternative names.
    case uri(String)
    /// The holder of a certificate for this DNS name or IP address.
    case host(String)

    /// The prefix of the URI that names a service in its certificate.
    static let servicePrefix = "spiffe://pass-emploi/"

    /// The service `name`: its certificate carries `spiffe://pass-emploi/<name>`.
    public static func service(_ name: String) -> TLSPeer {
        .uri(servicePrefix + name)
    }

    /// The service that a certificate's URI names, or `nil` if it names none.
    public static func serviceName(inURI uri: String) -> String? {
        guard uri.hasPrefix(servicePrefix) else { return nil }
        let name = uri.dropFirst(servicePrefix.count)
        guard !name.isEmpty, !name.contains("/") else { return nil }
        return String(name)
    }
}

extension TLSPeer: CustomStringConvertible {
    /// For messages: `spiffe://pass-emploi/agenda`, a host name, or `anyone`.
    public var description: String {
        switch self {
        case .anyone: "anyone"
        case .uri(let uri): uri
        case .host(let name): name
        }
    }
}
