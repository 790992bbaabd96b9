import Foundation
import TLS
import TestSupport
import Testing

@Suite struct LoadingTests {
    let certificates: TestCertificates

    init() throws {
        certificates = try TestCertificates.shared()
    }

    /// Tries to make a server's context of changed settings, which must fail.
    private func fault(_ change: (inout TLSSettings) throws -> Void) throws -> TLSError? {
        var settings = certificates.serverSettings("agenda")
        try change(&settings)
        return #expect(throws: TLSError.self) { try TLSContext(settings) }
    }

    private func file(_ content: String) throws -> String {
        let path = "\(certificates.directory)/\(UUID().uuidString).pem"
        try content.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test func aMissingFileIsNamed() throws {
        let path = certificates.directory + "/nobody.pem"
        #expect(try fault { $0.certificatePath = path } == .fileMissing(path: path))
        #expect(try fault { $0.keyPath = path } == .fileMissing(path: path))
        #expect(try fault { $0.authorityPath = path } == .fileMissing(path: path))
    }

    @Test func aDirectoryIsNoFile() throws {
        let path = certificates.directory
        let found = try fault { $0.certificatePath = path }
        #expect(found == .fileUnreadable(path: path, reason: "Is a directory"))
    }

    @Test func aFileThatIsTooLargeIsNotReadIn() throws {
        let path = try file(String(repeating: "a", count: 1_048_577))
        let found = try fault { $0.certificatePath = path }
        #expect(found == .fileTooLarge(path: path, limitBytes: 1_048_576))
    }

    @Test(arguments: [
        "", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ])
    func rubbishIsNoCertificateAndNoKey(content: String) throws {
        let path = try file(content)
        #expect(try fault { $0.certificatePath = path } == .noCertificate(path: path))
        #expect(try fault { $0.authorityPath = path } == .noCertificate(path: path))
        #expect(try fault { $0.keyPath = path } == .noKey(path: path))
    }

    @Test func aChainWithADamagedEndIsRefused() throws {
        let whole = try String(
            contentsOfFile: certificates.certificatePath("agenda"),
            encoding: .utf8
        )
        let path = try file(whole + String(whole.dropLast(60)))
        #expect(try fault { $0.certificatePath = path } == .noCertificate(path: path))
    }

    @Test func aKeyBehindAPassphraseIsRefusedWithoutAsking() throws {
        let path = certificates.directory + "/locked.key"
        try TestCertificates.run(
            "/usr/bin/env",
            [
                "openssl", "pkey", "-in", certificates.keyPath("agenda"), "-out", path, "-aes128",
                "-passout", "pass:secret",
            ]
        )
        #expect(try fault { $0.keyPath = path } == .keyEncrypted(path: path))
    }

    @Test func anothersKeyIsRefused() throws {
        let found = try fault { $0.keyPath = certificates.keyPath("gateway") }
        let expected = TLSError.keyMismatch(
            certificatePath: certificates.certificatePath("agenda"),
            keyPath: certificates.keyPath("gateway")
        )
        #expect(found == expected)
    }

    @Test func certificateAndKeyGoTogether() throws {
        #expect(try fault { $0.keyPath = nil } == .certificateWithoutKey)
        let neither = try fault {
            $0.keyPath = nil
            $0.certificatePath = nil
        }
        #expect(neither == .serverWithoutCertificate)
    }

    @Test func certificatesOutsideTheirTimeAreRefusedWithTheDate() throws {
        let settings = certificates.serverSettings("agenda")
        let now = Int64(Date().timeIntervalSince1970)
        let late = #expect(throws: TLSError.self) {
            try TLSContext(settings, at: now + 400 * 86_400)
        }
        guard case .expired(let path, let date) = late else {
            Issue.record("Not refused as expired: \(String(describing: late))")
            return
        }
        #expect(path == certificates.certificatePath("agenda"))
        #expect(date.wholeMatch(of: /\d{4}-\d\d-\d\d \d\d:\d\d UTC/) != nil)
        let early = #expect(throws: TLSError.self) { try TLSContext(settings, at: now - 86_400) }
        guard case .notYetValid = early else {
            Issue.record("Not refused as not yet valid: \(String(describing: early))")
            return
        }
    }

    @Test(arguments: [[], [""], [String(repeating: "a", count: 256)]])
    func protocolNamesMustFitTheirLengthByte(names: [String]) throws {
        #expect(try fault { $0.applicationProtocols = names } == .badProtocolNames)
    }

    @Test(arguments: [TLSPeer.host(""), .host("a\0b"), .uri(""), .service("")])
    func aPeerMustHaveAName(peer: TLSPeer) throws {
        let context = try TLSContext(certificates.clientSettings(nil))
        #expect(throws: TLSError.self) { try TLSHandler(context: context, expecting: peer) }
        #expect(context.connectionCount == 0)
    }

    @Test(arguments: [
        ("spiffe://pass-emploi/agenda", "agenda"), ("spiffe://pass-emploi/", nil),
        ("spiffe://pass-emploi/a/b", nil), ("spiffe://other/agenda", nil), ("agenda", nil),
    ])
    func onlyOurOwnURIsNameServices(uri: String, name: String?) {
        #expect(TLSPeer.serviceName(inURI: uri) == name)
    }
}
