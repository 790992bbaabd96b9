import COpenSSL

/// The scrypt function with its costs.
///
/// Source: RFC 7914.
struct Scrypt: Sendable, Equatable {
    /// The binary logarithm of N.
    let log2N: UInt8
    /// The block size.
    let r: UInt8
    /// The parallelisation, computed one after the other.
    let p: UInt8

    /// What new passwords are hashed with: 16 MiB and about a quarter of a second of one core.
    static let standard = Scrypt(log2N: 14, r: 8, p: 5)

    /// Costs above these are not computed: a damaged row must not take the machine's memory.
    var isAffordable: Bool {
        (1...17).contains(log2N) && (1...16).contains(r) && (1...16).contains(p)
    }

    /// OpenSSL could not compute the hash: out of memory, or costs that it refuses.
    struct Failure: Error {}

    /// `length` bytes derived from password and salt.
    ///
    /// Blocks for as long as the costs say.
    func hash(_ password: [UInt8], salt: [UInt8], length: Int) throws(Failure) -> [UInt8] {
        var key = [UInt8](repeating: 0, count: length)
        let password = password.map { CChar(bitPattern: $0) }
        // Safety: all three buffers are passed with their own lengths.
        let result = EVP_PBE_scrypt(
            password,
            password.count,
            salt,
            salt.count,
            UInt64(1) << UInt64(log2N),
            UInt64(r),
            UInt64(p),
            Self.memoryBytesMax,
            &key,
            length
        )
        guard result == 1 else { throw Failure() }
        return key
    }

    /// Above what the largest affordable costs need: 128 · r · N bytes and a little more.
    private static let memoryBytesMax: UInt64 = 320 << 20
}
