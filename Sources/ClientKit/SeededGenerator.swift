/// Random numbers that are the same for the same seed, on every machine and in every release.
///
/// Not for secrets. Source: Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators" (SplitMix64).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts the sequence of a seed.
    public init(seed: UInt64) {
        state = seed
    }

    /// Starts a sequence of its own for each pair of a seed and a number, so that what is drawn for
    /// one number does not depend on how much was drawn for others.
    public init(seed: UInt64, stream: UInt64) {
        var first = SeededGenerator(seed: seed)
        var second = SeededGenerator(seed: first.next() ^ stream)
        state = second.next()
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, not including, `bound`, which must be above 0.
    ///
    /// The standard library's own draws may change between releases; this one stays.
    public mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "a draw needs something to draw from")
        return Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A number of at least 0 and below 1.
    public mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// A random UUID in text, of version 8: made by a rule of one's own.
    public mutating func uuid() -> String {
        UUIDText.text(high: next(), low: next())
    }
}

/// Writes UUIDs without the detour over Foundation.
enum UUIDText {
    private static let digits = Array("0123456789abcdef".utf8)

    /// The text of 128 bits, of which version and variant are overwritten.
    static func text(high: UInt64, low: UInt64) -> String {
        let high = high & ~0xF000 | 0x8000
        let low = low & ~(0b11 << 62) | (0b10 << 62)
        return String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            for (word, isFirst) in [(high, true), (low, false)] {
                for nibble in 0..<16 {
                    if isFirst ? nibble == 8 || nibble == 12 : nibble == 0 || nibble == 4 {
                        buffer[position] = UInt8(ascii: "-")
                        position += 1
                    }
                    let shift = UInt64(60 - 4 * nibble)
                    buffer[position] = digits[Int(word >> shift & 0xF)]
                    position += 1
                }
            }
            return position
        }
    }
}
