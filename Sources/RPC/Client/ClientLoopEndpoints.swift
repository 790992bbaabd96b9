import NIOCore

/// Endpoints that come and go.
extension ClientLoop {
    /// There is an answer to the question where the server is.
    func use(_ answer: TargetResolution.Answer) {
        guard !isClosed else { return }
        switch answer {
        case .addresses(let addresses): use(addresses)
        case .none(let reason):
            unresolvedUntil = eventLoop.now + TimeAmount(Limits.resolveSpacing)
            lastFailure = reason
        }
        resume()
        // Patient calls wait for an answer.
        if endpoints.isEmpty, !queue.isEmpty { resolution?.want() }
    }

    private func use(_ addresses: [SocketAddress]) {
        for index in endpoints.indices.reversed()
        where !addresses.contains(endpoints[index].address) {
            endpoints.remove(at: index).dismiss()
            balancer.remove(at: index)
        }
        for (index, endpoint) in endpoints.enumerated() { endpoint.index = index }
        append(addresses.filter { address in !endpoints.contains { $0.address == address } })
    }

    func append(_ addresses: [SocketAddress]) {
        for address in addresses {
            endpoints.append(ClientEndpoint(address, loop: self, index: endpoints.count))
            balancer.append()
        }
    }

    /// An attempt to connect came to nothing.
    func failed(_ endpoint: ClientEndpoint, _ reason: String) {
        lastFailure = "\(endpoint.address.text): \(reason)"
        left(endpoint)
    }

    /// An endpoint has lost its connection, or takes no more calls on it.
    func lost(_ endpoint: ClientEndpoint) {
        // The others may be well again: with none left, they are asked at once.
        if !endpoints.contains(where: { $0.isConnected || $0.isConnecting }) {
            for other in endpoints where other !== endpoint { other.forgetWait() }
        }
        left(endpoint)
    }

    /// A call has ended at an endpoint.
    func ended(
        _ endpoint: ClientEndpoint,
        isStream: Bool,
        _ outcome: EndpointLoad.Outcome,
        at now: NIODeadline
    ) {
        guard let index = endpoint.index else { return }
        balancer.end(index, isStream: isStream, outcome, at: now)
    }

    /// The first message of a stream came from an endpoint.
    func showedLife(_ endpoint: ClientEndpoint) {
        if let index = endpoint.index { balancer.showLife(index) }
    }

    private func left(_ endpoint: ClientEndpoint) {
        guard !isClosed, endpoint.index != nil else { return }
        resolution?.want()
        resume()
    }

    /// Connects what may be connected, a few at a time.
    func connectDue(_ now: NIODeadline) {
        var attempts = 0
        for endpoint in endpoints where endpoint.isConnecting { attempts += 1 }
        for endpoint in endpoints where endpoint.isDue(at: now) {
            guard attempts < Limits.connectingMax else { return }
            endpoint.connect()
            attempts += 1
        }
    }

    /// Whether a call that does not want to wait for a connection has nothing to wait for.
    func isHopeless(_ now: NIODeadline) -> Bool {
        if endpoints.isEmpty { return resolution == nil || now < unresolvedUntil }
        return endpoints.allSatisfy { endpoint in
            if case .backingOff = endpoint.phase { true } else { false }
        }
    }
}
