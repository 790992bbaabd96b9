@testable import Accounts
import Testing

/// The hash function against its RFC, and what is stored of a password.
@Suite struct ScryptTests {
    /// Source: RFC 7914 §12.
    @Test(arguments: [
        (
            "", "", Scrypt(log2N: 4, r: 1, p: 1),
            """
            77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442\
            fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906
            """
        ),
        (
            "password", "NaCl", Scrypt(log2N: 10, r: 8, p: 16),
            """
            fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162\
            2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640
            """
        ),
        (
            "pleaseletmein", "SodiumChloride", Scrypt(log2N: 14, r: 8, p: 1),
            """
            7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2\
            d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887
            """
        ),
    ])
    func theRFCsVectorsComeOut(
        password: String,
        salt: String,
        scrypt: Scrypt,
        expected: String
    ) throws {
        let hash = try scrypt.hash(Array(password.utf8), salt: Array(salt.utf8), length: 64)
        #expect(hexadecimal(hash) == expected)
    }

    @Test func sha256MatchesItsStandard() {
        // Source: FIPS 180-4, "abc".
        #expect(
            hexadecimal(Digest.sha256(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
    }

    @Test func storedHashesNameTheirCostsAndReadBack() throws {
        let salt = [UInt8](repeating: 7, count: 16)
        let hash = try PasswordHash("mot de passe é", salt: salt, scrypt: .standard)
        #expect(hash.stored.hasPrefix("scrypt$14$8$5$BwcHBwcHBwcHBwcHBwcHBw$"))
        let read = try PasswordHash(stored: hash.stored)
        #expect(read == hash)
        #expect(try read.matches("mot de passe é"))
        // The same letter, composed of two scalars.
        #expect(try read.matches("mot de passe e\u{301}"))
        #expect(try !read.matches("mot de passe e"))
    }

    @Test(arguments: [
        "", "scrypt$14$8$5$AAAA$AAAA", "bcrypt$14$8$5$BwcHBwcHBwcHBwcHBwcHBw$x",
        "scrypt$40$8$5$BwcHBwcHBwcHBwcHBwcHBw$BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc",
        "scrypt$14$8$5$BwcHBwcHBwcHBwcHBwcHBw$BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc$",
    ])
    func damagedOrUnaffordableHashesAreRefused(text: String) {
        #expect(throws: PasswordHash.Damaged.self) { try PasswordHash(stored: text) }
    }

    @Test func nothingMatchesTheHashOfNobody() throws {
        #expect(try !PasswordHash.unmatchable(quickScrypt).matches(""))
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
