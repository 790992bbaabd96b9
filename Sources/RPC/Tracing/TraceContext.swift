public import Tracing

/// What ties the calls of one request together over all processes.
///
/// Source: W3C Trace Context, version 00; on the wire the 25 bytes of `RequestHeader.trace_context`.
public struct TraceContext: Sendable, Hashable {
    /// Trace id (16 bytes), the caller's span id (8), flags (1).
    public let bytes: [UInt8]

    /// How many bytes there are.
    static let size = 25

    /// The context that `bytes` are; `nil` if there are not 25, or an id is all zeros.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.size, bytes[..<16].contains(where: { $0 != 0 }),
            bytes[16..<24].contains(where: { $0 != 0 })
        else { return nil }
        self.bytes = bytes
    }

    /// Reads `traceparent`: version 00, trace id, span id and flags in hexadecimal; `nil` for
    /// anything else.
    public init?(traceparent: String) {
        let parts = traceparent.utf8.split(separator: UInt8(ascii: "-"))
        guard parts.count == 4, parts[0].elementsEqual("00".utf8), parts[1].count == 32,
            parts[2].count == 16, parts[3].count == 2
        else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in parts[1...].joined() {
            guard let value = Self.value(digit) else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        self.init(bytes: bytes)
    }

    /// As in HTTP's header `traceparent`.
    public var traceparent: String {
        "00-\(traceID)-\(Self.hex(bytes[16..<24]))-\(Self.hex(bytes[24...]))"
    }

    /// What finds the trace in logs: 32 hexadecimal digits.
    public var traceID: String { Self.hex(bytes[..<16]) }

    private static func hex(_ bytes: ArraySlice<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    /// W3C allows small letters alone.
    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension ServiceContext {
    private enum Key: ServiceContextKey {
        typealias Value = TraceContext
        static let nameOverride: String? = "traceparent"
    }

    /// The trace that the current task works for, where no tracer keeps one of its own.
    ///
    /// Calls made by the task pass it on.
    public var traceContext: TraceContext? {
        get { self[Key.self] }
        set { self[Key.self] = newValue }
    }
}
