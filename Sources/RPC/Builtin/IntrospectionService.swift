import NIOCore
import Synchronization

/// Tells whoever runs the server what it is doing.
final class IntrospectionService: IntrospectionServer {
    /// The service is one of the server's own, which must not keep it.
    private struct Reference {
        weak var server: ServerShared?
    }

    private let reference = Mutex(Reference())

    /// Tells of `server` from now on.
    func look(into server: ServerShared) {
        reference.withLock { $0.server = server }
    }

    /// Answers the state now.
    ///
    /// - Throws: PERMISSION_DENIED unless the method's table names the peer, whatever the server's
    ///   own authorisation lets in: a server may be open to callers that nobody knows.
    func status(
        _ request: ServerStatusRequest,
        _ call: CallContext
    ) async throws -> ServerStatus {
        try Self.authorize(call)
        guard let server = reference.withLock({ $0.server }) else {
            throw RPCError(.unavailable, "The server is stopping.")
        }
        let rows = StatusRows(
            connections: Self.rows(request.connectionsMax),
            streams: Self.rows(request.streamsMax)
        )
        var status = try await server.status(rows)
        status.endpoints = await server.configuration.endpoints()
        return status
    }

    /// Lets in those whom the method's table names, by their certificates.
    static func authorize(_ call: CallContext) throws {
        let peers = IntrospectionMethods.status.descriptor.peers
        guard case .service(let peer) = call.peer, peers.contains(peer) else {
            throw RPCError(
                .permissionDenied,
                "Only \(peers.joined(separator: ", ")) may look into the server."
            )
        }
    }

    private static func rows(_ asked: UInt32) -> Int {
        asked == 0 ? Limits.statusRowsDefault : min(Int(asked), Limits.statusRowsMax)
    }
}
