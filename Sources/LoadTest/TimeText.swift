/// Spans of time as people write them: `200us`, `50ms`, `1.5s`, `2m`, `1h`, `3d`.
public enum TimeText {
    private static let units: [(name: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3_600e9),
        ("d", 86_400e9),
    ]

    /// The span that `text` means; `nil` if it is none, or above ten thousand days.
    public static func duration(_ text: some StringProtocol) -> Duration? {
        guard let split = text.firstIndex(where: { !($0.isNumber || $0 == "." || $0 == "-") }),
            let number = Double(text[..<split]),
            let unit = units.first(where: { $0.name == text[split...] })
        else { return text == "0" ? .zero : nil }
        let nanoseconds = number * unit.nanoseconds
        guard abs(nanoseconds) <= 10_000 * 86_400e9 else { return nil }
        return .nanoseconds(Int64(nanoseconds.rounded()))
    }

    /// Microseconds in the unit that fits: `870 µs`, `12.3 ms`, `4.05 s`.
    public static func text(microseconds: UInt64) -> String {
        switch microseconds {
        case ..<1_000: "\(microseconds) µs"
        case ..<1_000_000: "\(NumberText.short(Double(microseconds) / 1e3)) ms"
        default: "\(NumberText.short(Double(microseconds) / 1e6)) s"
        }
    }

    /// A span in the unit that fits.
    public static func text(_ duration: Duration) -> String {
        text(microseconds: UInt64(clamping: duration.nanoseconds / 1_000))
    }
}

/// Numbers as people read them.
public enum NumberText {
    /// Three figures that matter: `1.23`, `45.6`, `789`, `12,345`.
    public static func short(_ value: Double) -> String {
        let size = abs(value)
        if size < 0.005 { return "0" }
        if size >= 99.95 { return grouped(Int64(value.rounded())) }
        return decimals(value, size >= 9.995 ? 1 : 2)
    }

    /// A fixed number of decimals.
    public static func decimals(_ value: Double, _ count: Int) -> String {
        var factor = 1.0
        for _ in 0..<count { factor *= 10 }
        let whole = Int64((abs(value) * factor).rounded())
        let digits = String(whole)
        let padded = String(repeating: "0", count: max(0, count + 1 - digits.count)) + digits
        let sign = value < 0 && whole != 0 ? "-" : ""
        guard count > 0 else { return sign + padded }
        return "\(sign)\(padded.dropLast(count)).\(padded.suffix(count))"
    }

    /// Thousands apart: `1,234,567`.
    public static func grouped(_ value: some BinaryInteger) -> String {
        let digits = String(value.magnitude)
        var result = value < 0 ? "-" : ""
        for (position, digit) in digits.enumerated() {
            if position > 0, (digits.count - position) % 3 == 0 { result.append(",") }
            result.append(digit)
        }
        return result
    }

    /// A share in percent: `0.1 %`, `99.95 %`.
    public static func percent(_ share: Double) -> String {
        let percent = share * 100
        if percent == 0 || percent == 100 { return "\(Int(percent)) %" }
        return "\(decimals(percent, percent < 0.1 ? 3 : percent < 10 || percent > 99 ? 2 : 1)) %"
    }
}

extension Duration {
    /// Whole nanoseconds; exact for everything shorter than 292 years.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// Seconds with their fraction.
    public var inSeconds: Double { Double(nanoseconds) / 1e9 }

    /// A span of so many seconds.
    static func seconds(exactly seconds: Double) -> Duration {
        .nanoseconds(Int64((seconds * 1e9).rounded()))
    }
}
