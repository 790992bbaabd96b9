import Foundation
import Logging
import RPC
import Storage
import Tracing

/// One log event as one line of JSON on standard error.
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level
    private let service: String
    private let queue: LogQueue
    private let now: @Sendable () -> Timestamp

    init(
        service: String,
        level: Logger.Level,
        queue: LogQueue,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.service = service
        self.logLevel = level
        self.queue = queue
        self.now = now
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = "{\"time\":\"\(Self.format(now()))\",\"level\":\"\(event.level)\""
        line += ",\"service\":\(Self.quoted(service))"
        line += ",\"message\":\(Self.quoted(event.message.description))"
        if let trace = ServiceContext.current?.traceContext {
            line += ",\"trace\":\"\(trace.traceID)\""
        }
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            line += ",\(Self.quoted(key)):\(Self.quoted(value.description))"
        }
        if let error = event.error { line += ",\"error\":\(Self.quoted("\(error)"))" }
        queue.add(line + "}")
    }

    /// ISO 8601 in UTC, to the millisecond.
    static func format(_ time: Timestamp) -> String {
        let date = Date(timeIntervalSince1970: Double(time.milliseconds) / 1_000)
        return date.formatted(
            .iso8601.year().month().day().timeZone(separator: .omitted)
                .time(includingFractionalSeconds: true)
        )
    }

    /// A JSON string.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case "\u{0}"..<"\u{20}":
                let code = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - code.count) + code
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
