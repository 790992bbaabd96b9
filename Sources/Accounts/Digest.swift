import COpenSSL

/// SHA-256 and the comparison of secrets.
enum Digest {
    /// The 32 bytes of SHA-256 over `bytes`.
    static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { digest, count in
            // Safety: the digest writes exactly 32 bytes into a buffer of 32.
            SHA256(bytes, bytes.count, digest.baseAddress)
            count = 32
        }
    }

    /// Whether both hold the same bytes, in a time that does not tell where they differ.
    static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        // Safety: both arrays hold at least `left.count` bytes.
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}
