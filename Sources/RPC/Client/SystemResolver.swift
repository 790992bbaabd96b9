public import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Finds every address of a host by the system's resolver, on a thread that may block.
///
/// - Parameters:
///   - address: A host name or an IP address, with a port.
///   - eventLoop: Where the answer is wanted.
/// - Returns: IPv4 and IPv6 addresses, each once, in the resolver's order; at least one.
public func resolveBySystem(
    _ address: RPCAddress,
    on eventLoop: any EventLoop
) -> EventLoopFuture<[SocketAddress]> {
    NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { try lookUp(address) }
}

/// A name that no address is known for.
struct UnresolvedName: Error, CustomStringConvertible {
    let description: String

    init(_ host: String, _ reason: String) {
        description = "the name \"\(host)\" does not resolve (\(reason))"
    }
}

private func lookUp(_ address: RPCAddress) throws -> [SocketAddress] {
    var hints = addrinfo()
    // Else each address would come once for each kind of socket.
    hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    var first: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(address.host, String(address.port), &hints, &first)
    guard status == 0 else {
        throw UnresolvedName(address.host, String(cString: gai_strerror(status)))
    }
    defer { freeaddrinfo(first) }
    var found: [SocketAddress] = []
    var next = first
    while let entry = next {
        next = entry.pointee.ai_next
        guard let bytes = UnsafeRawPointer(entry.pointee.ai_addr) else { continue }
        // Safety: the family says which structure the resolver has put there.
        let one: SocketAddress
        switch entry.pointee.ai_family {
        case AF_INET: one = SocketAddress(bytes.loadUnaligned(as: sockaddr_in.self))
        case AF_INET6: one = SocketAddress(bytes.loadUnaligned(as: sockaddr_in6.self))
        default: continue
        }
        if !found.contains(one) { found.append(one) }
    }
    guard !found.isEmpty else { throw UnresolvedName(address.host, "it has no IP address") }
    return found
}
