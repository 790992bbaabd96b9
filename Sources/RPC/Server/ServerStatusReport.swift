import NIOCore

/// How many rows of each kind are told.
struct StatusRows: Sendable {
    let connections: Int
    let streams: Int
}

/// The state of the connections on one event loop.
private struct LoopReport: Sendable {
    var connections: [ConnectionStatus]
    var streams: [StreamStatus]
    var streamsOpen: Int
    var methods: [MethodStatus]
    var slowCalls: [SlowCallRecord]
}

extension ServerShared {
    /// The state of the server at this moment, as far as one loop after the other can tell.
    func status(_ rows: StatusRows) async throws -> ServerStatus {
        let open = Dictionary(grouping: connections.open) { ObjectIdentifier($0.eventLoop) }
        var reports: [LoopReport] = []
        for loop in allLoops {
            let connections = open[ObjectIdentifier(loop.eventLoop)] ?? []
            let methods = methods.methods
            let report = loop.eventLoop.submit {
                loop.report()
                return loop.status(of: connections, methods, rows)
            }
            reports.append(try await report.get())
        }
        let now = NIODeadline.now()
        return ServerStatus(
            instance: configuration.instance,
            ageUs: (now - madeAt).wholeMicroseconds,
            connectionsOpen: UInt32(open.values.reduce(0) { $0 + $1.count }),
            streamsOpen: UInt32(reports.reduce(0) { $0 + $1.streamsOpen }),
            bufferedBytes: UInt64(max(0, budget.bytes)),
            bufferedBytesMax: UInt64(budget.bytesMax),
            connections: Array(
                reports.flatMap(\.connections).sorted(by: greedier).prefix(rows.connections)
            ),
            streams: Array(reports.flatMap(\.streams).sorted(by: greedier).prefix(rows.streams)),
            methods: merge(reports.map(\.methods)),
            slowCalls: reports.flatMap(\.slowCalls).sorted { $0.answeredAt > $1.answeredAt }
                .prefix(Limits.slowCallsKept).map { $0.status(at: now) },
            draining: connections.isDraining
        )
    }

    /// Adds the loops' numbers up, and leaves out methods that nobody called.
    private func merge(_ reports: [[MethodStatus]]) -> [MethodStatus] {
        guard var sum = reports.first else { return [] }
        for report in reports.dropFirst() {
            for (index, more) in report.enumerated() {
                sum[index].calls += more.calls
                sum[index].errors += more.errors
                sum[index].refused += more.refused
                sum[index].atWork += more.atWork
                sum[index].waiting += more.waiting
                sum[index].limit += more.limit
                sum[index].latencyUs = max(sum[index].latencyUs, more.latencyUs)
            }
        }
        return sum.filter { $0.calls + UInt64($0.atWork) + UInt64($0.waiting) > 0 }
    }
}

extension ServerLoop {
    fileprivate func status(
        of connections: [ServerConnection],
        _ methods: [BoundMethod],
        _ rows: StatusRows
    ) -> LoopReport {
        let now = eventLoop.now
        let told = connections.sorted {
            ($0.held, $0.state.streams.count) > ($1.held, $1.state.streams.count)
        }
        var streams: [(connection: ServerConnection, slot: Int, bytes: Int, since: NIODeadline)] =
            []
        for connection in connections {
            for (slot, call) in connection.calls.enumerated() {
                guard let call else { continue }
                streams.append((connection, slot, call.unreadBytes, call.readAt))
            }
        }
        streams.sort { $0.bytes != $1.bytes ? $0.bytes > $1.bytes : $0.since < $1.since }
        return LoopReport(
            connections: told.prefix(rows.connections).map { $0.status(at: now) },
            streams: streams.prefix(rows.streams).compactMap {
                $0.connection.streamStatus($0.slot, at: now)
            },
            streamsOpen: streams.count,
            methods: zip(methods, loads).map { method, load in load.status(of: method) },
            slowCalls: slowCalls.all
        )
    }
}

extension ServerLoop.Load {
    fileprivate func status(of method: BoundMethod) -> MethodStatus {
        MethodStatus(
            method: method.descriptor.path,
            calls: calls,
            errors: errors,
            refused: refused,
            atWork: UInt32(atWork),
            waiting: UInt32(admission.waitingCount),
            limit: method.isLimited ? UInt32(admission.limit.value) : 0,
            latencyUs: method.isLimited ? UInt64(admission.limit.latency / 1000) : 0
        )
    }
}

extension SlowCallRecord {
    fileprivate func status(at now: NIODeadline) -> SlowCall {
        SlowCall(
            method: method.descriptor.path,
            peer: peer.name,
            code: code?.rawValue ?? 0,
            agoUs: (now - answeredAt).wholeMicroseconds,
            requestBytes: UInt64(receivedBytes),
            responseBytes: UInt64(sentBytes),
            readUs: times.read.wholeMicroseconds,
            queueUs: times.queue.wholeMicroseconds,
            decodeUs: times.decode.wholeMicroseconds,
            handlerUs: times.handler.wholeMicroseconds,
            encodeUs: times.encode.wholeMicroseconds,
            flushUs: times.flush.wholeMicroseconds
        )
    }
}

/// Those that hold most first, then those with most to do.
private func greedier(_ left: ConnectionStatus, _ right: ConnectionStatus) -> Bool {
    (left.unreadBytes + left.unsentBytes, left.streams)
        > (right.unreadBytes + right.unsentBytes, right.streams)
}

/// Those that hold most first, then the oldest.
private func greedier(_ left: StreamStatus, _ right: StreamStatus) -> Bool {
    (left.unreadBytes, left.ageUs) > (right.unreadBytes, right.ageUs)
}
