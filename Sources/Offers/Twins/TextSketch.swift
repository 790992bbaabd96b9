/// A text boiled down to a few numbers that tell how much two texts have in common.
///
/// One-permutation minwise hashing of runs of three words: the share of equal bins estimates the
/// share of runs that both texts have, within about 0.1. Source: Li, Owen and Zhang, "One
/// Permutation Hashing", NIPS 2012.
struct TextSketch: Sendable, Equatable {
    static let binCount = 32
    /// A bin that no run of words fell into.
    private static let empty: UInt16 = .max
    /// Texts with fewer runs tell nothing.
    private static let runsMin = 20

    /// None for a text that is too short.
    private(set) var bins: [UInt16] = []

    init(_ text: String) {
        var least = [UInt64](repeating: .max, count: Self.binCount)
        var runs = 0
        var previous: (UInt64, UInt64) = (0, 0)
        Self.forEachWord(text) { word in
            let run = Self.mix(previous.0 &* 31 &+ previous.1 &* 17 &+ word)
            previous = (previous.1, word)
            runs += 1
            let bin = Int(run >> 59)
            least[bin] = min(least[bin], run & 0x07FF_FFFF_FFFF_FFFF)
        }
        guard runs >= Self.runsMin else { return }
        bins = least.map { value in
            value == .max ? Self.empty : UInt16(truncatingIfNeeded: value) & 0x7FFF
        }
    }

    /// The sketch that `bins` was before it was stored.
    init(bins: [UInt16]) {
        self.bins = bins
    }

    /// The share of what both texts have in common, from 0 to 1; `nil` if one tells nothing.
    func likeness(to other: TextSketch) -> Double? {
        guard !bins.isEmpty, bins.count == other.bins.count else { return nil }
        var equal = 0
        var known = 0
        for (one, two) in zip(bins, other.bins) where one != Self.empty || two != Self.empty {
            known += 1
            if one == two { equal += 1 }
        }
        return known == 0 ? nil : Double(equal) / Double(known)
    }

    /// Calls `body` with a hash of each word, letter case of ASCII aside.
    private static func forEachWord(_ text: String, _ body: (UInt64) -> Void) {
        let start: UInt64 = 0xCBF2_9CE4_8422_2325
        var hash = start
        var text = text
        text.withUTF8 { bytes in
            for byte in bytes {
                var letter = byte
                switch byte {
                case 0x41...0x5A: letter = byte + 0x20
                case 0x61...0x7A, 0x30...0x39, 0x80...: break
                default:
                    if hash != start { body(hash) }
                    hash = start
                    continue
                }
                hash = (hash ^ UInt64(letter)) &* 0x100_0000_01B3
            }
        }
        if hash != start { body(hash) }
    }

    /// Spreads the bits of a sum over the whole number (SplitMix64).
    private static func mix(_ number: UInt64) -> UInt64 {
        var mixed = number &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
