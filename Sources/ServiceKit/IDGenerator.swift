public import Storage

/// Makes UUIDs of version 7: rising with time, so that they sort and index well.
///
/// Source: RFC 9562 §5.7.
public struct IDGenerator: Sendable {
    private let random: @Sendable () -> UInt64

    /// A generator that draws its random bits from `random`; by default from the system.
    public init(random: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }) {
        self.random = random
    }

    /// A new id, in lower case.
    public func next(at instant: Timestamp) -> String {
        let time = UInt64(bitPattern: instant.milliseconds) & 0xFFFF_FFFF_FFFF
        let high = time << 16 | 0x7000 | random() & 0x0FFF
        let low = 0x8000_0000_0000_0000 | random() & 0x3FFF_FFFF_FFFF_FFFF
        let digits = Self.hexadecimal(high) + Self.hexadecimal(low)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index == 8 || index == 12 || index == 16 || index == 20 { text.append("-") }
            text.append(digit)
        }
        return text
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
