public import ClientKit
public import NIOCore
public import RPC

/// Where calls go: the gateway, or the services behind it.
public enum Way: String, Sendable, Codable, CaseIterable {
    /// As people call: by the gateway, in sessions of their own.
    case gateway
    /// As the gateway calls: each service by itself.
    case services
}

/// Who answers a call, and as whom the generator shows itself.
public struct Route: Sendable, Hashable {
    /// A service's name or `host:port`.
    public var target: String
    /// Whose certificate is shown; `nil`: none, as at the gateway's door.
    public var certificate: String?

    /// A route.
    public init(target: String, certificate: String?) {
        self.target = target
        self.certificate = certificate
    }

    /// The route of a method for a role.
    public init(_ method: MethodDescriptor, as role: Persona, by way: Way) {
        let owner = MethodLookup.owner(of: method)
        let isOurs = Deployment.ports[owner] != nil
        switch (role, way) {
        case (.operator, _) where isOurs && method.roles.contains(Persona.operator.name):
            self.init(target: owner, certificate: "operator")
        case (_, .gateway) where isOurs && !method.roles.isEmpty:
            self.init(target: "gateway", certificate: nil)
        default:
            // Services believe the gateway's certificate about the person behind a call.
            let isService = isOurs && owner != "gateway"
            self.init(target: owner, certificate: isService ? "gateway" : nil)
        }
    }
}

/// The connections of a run, each bound to one event loop.
public struct Connections: Sendable {
    private let clients: [Route: [[RPCClient]]]
    private let route: @Sendable (CallRequest) -> Route

    /// Prepares connections; `open` makes them.
    ///
    /// - Parameters:
    ///   - deployment: Where everything is.
    ///   - routes: Where calls can go.
    ///   - count: Connections on each route, at least one for each loop.
    ///   - loops: The event loops, one for each lane.
    ///   - route: Where a call goes, one of `routes`.
    /// - Throws: `CommandFailure` for a wrong target or unreadable certificates.
    public init(
        _ deployment: Deployment,
        routes: Set<Route>,
        count: Int,
        loops: [any EventLoop],
        route: @escaping @Sendable (CallRequest) -> Route
    ) throws {
        precondition(count >= loops.count, "each lane needs a connection")
        var clients: [Route: [[RPCClient]]] = [:]
        for route in routes {
            var lanes = loops.map { _ in [RPCClient]() }
            for number in 0..<count {
                let lane = number % loops.count
                lanes[lane].append(
                    try deployment.client(
                        of: route.target,
                        certificate: route.certificate,
                        instance: "loadtest",
                        group: loops[lane]
                    )
                )
            }
            clients[route] = lanes
        }
        self.clients = clients
        self.route = route
    }

    /// Opens every connection and asks each process whether it serves.
    ///
    /// - Throws: `CommandFailure` that names who cannot be reached.
    public func open() async throws {
        for (route, lanes) in clients {
            // A few at a time: a crowd of handshakes is not what is to be measured.
            for clients in lanes {
                for client in clients { try await check(client, route) }
            }
        }
    }

    private func check(_ client: RPCClient, _ route: Route) async throws {
        do {
            _ = try await HealthClient(client).check(
                HealthCheckRequest(),
                // Not waiting: the first attempt's failure says more than a deadline would.
                options: CallOptions(timeout: .seconds(5), waitsForConnection: false)
            )
        } catch {
            throw CommandFailure("\(route.target) cannot be reached: \(error)")
        }
    }

    /// Makes calls on these connections; those of one flow on the same one.
    public var transport: Transport {
        { request in
            let route = route(request)
            guard let lanes = clients[route] else {
                throw RPCError(.internal, "There is no connection to \(route.target).")
            }
            let own = lanes[request.lane]
            // The lane took every n-th flow; what is left spreads them over its connections.
            let turn = request.flow / UInt64(lanes.count)
            return try await own[Int(turn % UInt64(own.count))].make(request)
        }
    }

    /// Closes all.
    public func close() async {
        for lanes in clients.values {
            for client in lanes.joined() { await client.close() }
        }
    }
}
