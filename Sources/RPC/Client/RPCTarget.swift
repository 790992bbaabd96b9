/// A host and a port.
public struct RPCAddress: Sendable, Hashable {
    /// A host name or an IP address; IPv6 without brackets.
    public var host: String
    /// A TCP port, or 0 where the system may choose one.
    public var port: Int

    /// Names a place.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Splits `host:port` or `[v6]:port`; `nil` if it is neither.
    public init?(parsing text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":"),
            let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, !host.contains(where: \.isWhitespace) else { return nil }
        self.init(host: String(host), port: port)
    }

    /// Splits a comma-separated list of places to connect to; `nil` if one is none.
    public static func list(parsing text: String) -> [RPCAddress]? {
        var places: [RPCAddress] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let place = RPCAddress(parsing: part.trimming(" ")), place.port > 0 else {
                return nil
            }
            places.append(place)
        }
        return places
    }
}

extension Substring {
    /// Without `character` at both ends.
    fileprivate func trimming(_ character: Character) -> Substring {
        let head = drop { $0 == character }
        guard let last = head.lastIndex(where: { $0 != character }) else { return "" }
        return head[...last]
    }
}

extension RPCAddress: CustomStringConvertible {
    /// `host:port`, or `[v6]:port`.
    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// Where the replicas of a server are, and who they have to be.
public struct RPCTarget: Sendable, Hashable {
    /// The service's name; with TLS the server's certificate has to carry it, whatever its address.
    public var name: String
    /// Where it is; every IP address that one of these stands for is a replica of its own.
    public var addresses: [RPCAddress]

    /// Names a server by one host name or IP address.
    public init(name: String, host: String, port: Int) {
        self.init(name: name, addresses: [RPCAddress(host: host, port: port)])
    }

    /// Names a server by several.
    public init(name: String, addresses: [RPCAddress]) {
        self.name = name
        self.addresses = addresses
    }
}
