import CoreMetrics
import NIOCore
import RPC
import Synchronization

/// The metrics of calls, on the side of their server and of their client: durations by code, calls under way, bytes each way.
enum CallMetrics {
    /// What counts the calls of one method.
    ///
    /// Its series are made at the method's first call, so methods that nobody calls cost nothing.
    static func server(_ method: MethodDescriptor) -> CallObserver {
        let series = MethodSeries(side: "server", method)
        return CallObserver(
            began: { series.began() },
            ended: { report in
                series.ended(
                    report.code,
                    nanoseconds: report.times.total.nanoseconds,
                    received: report.receivedBytes,
                    sent: report.sentBytes
                )
            }
        )
    }

    /// What counts the calls that this process makes itself.
    static func client() -> ClientCallObserver {
        let methods = MethodSeriesTable()
        return ClientCallObserver(
            began: { methods[$0].began() },
            ended: { method, report in
                methods[method].ended(
                    report.code,
                    nanoseconds: report.duration.nanoseconds,
                    received: report.receivedBytes,
                    sent: report.sentBytes
                )
            }
        )
    }
}

/// The series of the methods that a client calls; the schema bounds how many there are.
private final class MethodSeriesTable: Sendable {
    private let methods = Mutex<[String: MethodSeries]>([:])

    subscript(_ method: MethodDescriptor) -> MethodSeries {
        methods.withLock { methods in
            if let known = methods[method.path] { return known }
            let made = MethodSeries(side: "client", method)
            methods[method.path] = made
            return made
        }
    }
}

/// The series of one method on one side.
private final class MethodSeries: Sendable {
    private struct Series {
        let underWay: Meter
        let received: Counter
        let sent: Counter
        var durations: [RPCError.Code?: Timer] = [:]
    }

    private let prefix: String
    private let dimensions: [(String, String)]
    private let series = Mutex<Series?>(nil)

    init(side: String, _ method: MethodDescriptor) {
        prefix = "rpc_\(side)"
        dimensions = [("service", method.service), ("method", method.name)]
    }

    func began() {
        with { $0.underWay.increment() }
    }

    func ended(_ code: RPCError.Code?, nanoseconds: Int64, received: Int, sent: Int) {
        with { series in
            series.underWay.decrement()
            series.received.increment(by: received)
            series.sent.increment(by: sent)
            let known = series.durations[code]
            let timer = known ?? duration(code)
            if known == nil { series.durations[code] = timer }
            timer.recordNanoseconds(nanoseconds)
        }
    }

    private func duration(_ code: RPCError.Code?) -> Timer {
        let name = code?.name ?? "OK"
        return Timer(label: "\(prefix)_duration", dimensions: dimensions + [("code", name)])
    }

    private func with(_ body: (inout Series) -> Void) {
        series.withLock { series in
            var made =
                series
                ?? Series(
                    underWay: Meter(label: "\(prefix)_calls_under_way", dimensions: dimensions),
                    received: Counter(label: "\(prefix)_received_bytes", dimensions: dimensions),
                    sent: Counter(label: "\(prefix)_sent_bytes", dimensions: dimensions)
                )
            body(&made)
            series = made
        }
    }
}
