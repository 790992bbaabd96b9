import Foundation
import ServiceKit

/// A password as it is stored: `scrypt$14$8$5$salt$hash`, salt and hash in base64url.
///
/// The costs stand in each row, so that they can rise for new passwords while old ones still work.
struct PasswordHash: Sendable, Equatable {
    let scrypt: Scrypt
    let salt: [UInt8]
    let hash: [UInt8]

    static let saltBytes = 16
    static let hashBytes = 32

    /// Hashes a new password.
    ///
    /// Blocks; to be run in a `HashPool`.
    init(_ password: String, salt: [UInt8], scrypt: Scrypt) throws(Scrypt.Failure) {
        self.init(
            scrypt: scrypt,
            salt: salt,
            hash: try scrypt.hash(Self.bytes(password), salt: salt, length: Self.hashBytes)
        )
    }

    init(scrypt: Scrypt, salt: [UInt8], hash: [UInt8]) {
        self.scrypt = scrypt
        self.salt = salt
        self.hash = hash
    }

    /// A hash that no password has, to spend the same work on an address without account.
    static func unmatchable(_ scrypt: Scrypt) -> PasswordHash {
        PasswordHash(
            scrypt: scrypt,
            salt: [UInt8](repeating: 0, count: saltBytes),
            hash: [UInt8](repeating: 0, count: hashBytes)
        )
    }

    /// Whether this is the hash of `password`.
    ///
    /// Blocks; to be run in a `HashPool`.
    func matches(_ password: String) throws(Scrypt.Failure) -> Bool {
        let candidate = try scrypt.hash(Self.bytes(password), salt: salt, length: hash.count)
        return Digest.isEqual(candidate, hash)
    }

    /// Keyboards differ in how they compose "é"; the password is the same.
    private static func bytes(_ password: String) -> [UInt8] {
        Array(password.precomposedStringWithCanonicalMapping.utf8)
    }
}

extension PasswordHash {
    /// The stored text is not one that this program wrote.
    struct Damaged: Error {}

    /// Reads a stored hash.
    init(stored text: String) throws(Damaged) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "scrypt",
            let log2N = UInt8(parts[1]), let r = UInt8(parts[2]), let p = UInt8(parts[3]),
            let salt = Base64URL.bytes(parts[4]), let hash = Base64URL.bytes(parts[5]),
            salt.count >= Self.saltBytes, hash.count == Self.hashBytes
        else { throw Damaged() }
        self.init(scrypt: Scrypt(log2N: log2N, r: r, p: p), salt: salt, hash: hash)
        guard scrypt.isAffordable else { throw Damaged() }
    }

    /// The text to store.
    var stored: String {
        let costs = "scrypt$\(scrypt.log2N)$\(scrypt.r)$\(scrypt.p)"
        return "\(costs)$\(Base64URL.text(salt))$\(Base64URL.text(hash))"
    }
}
