import RPC

/// A server's state as a few tables.
struct StatusText {
    let lines: [String]

    init(_ status: ServerStatus) {
        let buffered = Amount.bytes(status.bufferedBytes)
        var lines = [
            "\(status.instance): up \(Amount.time(status.ageUs))"
                + (status.draining ? ", STOPPING, " : ", ")
                + "\(status.connectionsOpen) connections, \(status.streamsOpen) streams, "
                + "\(buffered) of \(Amount.bytes(status.bufferedBytesMax)) buffered"
        ]
        let tables = [
            Self.connections(status.connections), Self.streams(status.streams),
            Self.methods(status.methods), Self.slowCalls(status.slowCalls),
            Self.endpoints(status.endpoints),
        ]
        for table in tables where !table.rows.isEmpty { lines += [""] + table.lines }
        self.lines = lines
    }

    private static func connections(_ connections: [ConnectionStatus]) -> Table {
        Table(
            [
                "connection", "from", "address", "age", "phase", "streams>", "requests>",
                "received>", "sent>", "unread>", "unsent>",
            ],
            connections.map { row in
                [
                    "\(row.number)", from(row.peer, row.instance), row.address,
                    Amount.time(row.ageUs), row.phase, "\(row.streams)", "\(row.requests)",
                    Amount.bytes(row.receivedBytes), Amount.bytes(row.sentBytes),
                    Amount.bytes(row.unreadBytes), Amount.bytes(row.unsentBytes),
                ]
            }
        )
    }

    private static func streams(_ streams: [StreamStatus]) -> Table {
        Table(
            [
                "stream", "method", "phase", "age>", "left>", "received>", "sent>", "unread>",
                "may send>", "may receive>",
            ],
            streams.map { row in
                [
                    "\(row.connection)/\(row.stream)", short(row.method), row.phase,
                    Amount.time(row.ageUs), row.leftUs == 0 ? "-" : Amount.time(row.leftUs),
                    Amount.bytes(row.receivedBytes), Amount.bytes(row.sentBytes),
                    Amount.bytes(row.unreadBytes), Amount.credit(row.sendCredit),
                    Amount.credit(row.receiveCredit),
                ]
            }
        )
    }

    private static func methods(_ methods: [MethodStatus]) -> Table {
        Table(
            [
                "method", "calls>", "errors>", "refused>", "at work>", "limit>", "waiting>",
                "takes>",
            ],
            methods.map { row in
                [
                    short(row.method), "\(row.calls)", "\(row.errors)", "\(row.refused)",
                    "\(row.atWork)", row.limit == 0 ? "-" : "\(row.limit)", "\(row.waiting)",
                    row.latencyUs == 0 ? "-" : Amount.time(row.latencyUs),
                ]
            }
        )
    }

    private static func slowCalls(_ calls: [SlowCall]) -> Table {
        Table(
            [
                "slow call", "from", "code", "ago>", "read>", "queue>", "decode>", "handler>",
                "encode>", "flush>", "request>", "answer>",
            ],
            calls.map { row in
                [
                    short(row.method), from(row.peer, ""),
                    RPCError.Code(rawValue: row.code)?.name ?? "OK", Amount.time(row.agoUs),
                    Amount.time(row.readUs), Amount.time(row.queueUs), Amount.time(row.decodeUs),
                    Amount.time(row.handlerUs), Amount.time(row.encodeUs),
                    Amount.time(row.flushUs), Amount.bytes(row.requestBytes),
                    Amount.bytes(row.responseBytes),
                ]
            }
        )
    }

    private static func endpoints(_ endpoints: [EndpointStatus]) -> Table {
        Table(
            ["calls", "at", "phase", "in flight>", "takes>", "set aside>"],
            endpoints.map { row in
                [
                    row.target, row.address, row.phase, "\(row.inFlight)",
                    row.latencyUs == 0 ? "-" : Amount.time(row.latencyUs),
                    row.setAsideUs == 0 ? "-" : Amount.time(row.setAsideUs),
                ]
            }
        )
    }

    private static func from(_ peer: String, _ instance: String) -> String {
        if peer.isEmpty { return instance.isEmpty ? "-" : "(\(instance))" }
        return instance.isEmpty || instance == peer ? peer : "\(peer) (\(instance))"
    }

    /// `Agenda/BookAppointment` of `passemploi.agenda.v1.Agenda/BookAppointment`.
    private static func short(_ path: String) -> String {
        path.split(separator: ".").last.map(String.init) ?? path
    }
}

/// Rows under headings, each column as wide as its widest cell.
struct Table {
    /// The headings; those that end in `>` are of columns of numbers, set to the right.
    let headings: [String]
    let rows: [[String]]

    init(_ headings: [String], _ rows: [[String]]) {
        self.headings = headings
        self.rows = rows
    }

    var lines: [String] {
        let titles = headings.map { $0.hasSuffix(">") ? String($0.dropLast()) : $0 }
        let all = [titles.map { $0.uppercased() }] + rows
        let widths = headings.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let space = String(repeating: " ", count: widths[column] - cell.count)
                line += headings[column].hasSuffix(">") ? space + cell : cell + space
                line += "  "
            }
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}

/// Numbers as one would say them.
enum Amount {
    /// A span of microseconds: `250 µs`, `12 ms`, `3.4 s`, `5 min`, `3 h 12 min`, `2 d 4 h`.
    static func time(_ microseconds: UInt64) -> String {
        let seconds = microseconds / 1_000_000
        switch microseconds {
        case ..<1_000: return "\(microseconds) µs"
        case ..<1_000_000: return "\(microseconds / 1_000) ms"
        case ..<60_000_000: return "\(seconds).\(microseconds / 100_000 % 10) s"
        case ..<3_600_000_000: return "\(seconds / 60) min"
        case ..<86_400_000_000: return "\(seconds / 3_600) h \(seconds / 60 % 60) min"
        default: return "\(seconds / 86_400) d \(seconds / 3_600 % 24) h"
        }
    }

    /// A count of bytes: `700 B`, `1.2 KiB`, `64.0 MiB`.
    static func bytes(_ count: UInt64) -> String {
        guard count >= 1_024 else { return "\(count) B" }
        var tenths = count * 10 / 1_024
        for unit in ["KiB", "MiB", "GiB"] {
            if tenths < 10_240 { return "\(tenths / 10).\(tenths % 10) \(unit)" }
            tenths /= 1_024
        }
        return "\(tenths / 10).\(tenths % 10) TiB"
    }

    /// Credit, which a large message may take below zero.
    static func credit(_ count: Int64) -> String {
        count < 0 ? "-\(bytes(count.magnitude))" : bytes(UInt64(count))
    }
}
