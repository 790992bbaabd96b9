/// A 64-bit hash that is the same in every process: FNV-1a.
///
/// Tells contents apart; it is no defence against somebody who makes two contents collide.
/// Source: draft-eastlake-fnv-17 §2.
struct Fingerprint {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Adds bytes.
    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            value = (value ^ UInt64(byte)) &* 0x100_0000_01B3
        }
    }

    /// Adds a text and an end mark, so that "ab", "c" differs from "a", "bc".
    mutating func add(_ text: String) {
        add(text.utf8)
        add(CollectionOfOne(0xFF))
    }

    /// The value as SQL keeps it.
    var signed: Int64 { Int64(bitPattern: value) }
}
