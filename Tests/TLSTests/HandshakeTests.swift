import Glibc
import NIOCore
import TLS
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct HandshakeTests {
    let certificates: TestCertificates

    init() throws {
        certificates = try TestCertificates.shared()
    }

    private func server(requiresPeerCertificate: Bool = true) throws -> TLSContext {
        try TLSContext(
            certificates.serverSettings("agenda", requiresPeerCertificate: requiresPeerCertificate)
        )
    }

    private func client(_ name: String? = "gateway") throws -> TLSContext {
        try TLSContext(certificates.clientSettings(name))
    }

    @Test func bothSidesLearnEachOthersNames() async throws {
        try await withConnection(server: server(), client: client()) { server, client in
            let atServer = Agreement(
                applicationProtocol: "pass-rpc/1",
                uriNames: ["spiffe://pass-emploi/gateway"],
                wasResumed: false
            )
            let atClient = Agreement(
                applicationProtocol: "pass-rpc/1",
                uriNames: ["spiffe://pass-emploi/agenda"],
                wasResumed: false
            )
            #expect(await server.next() == .handshake(atServer))
            #expect(await client.next() == .handshake(atClient))
        }
    }

    @Test func aDoorThatAsksForNoCertificateTakesAClientWithoutOne() async throws {
        let server = try server(requiresPeerCertificate: false)
        try await withConnection(server: server, client: client(nil)) { server, client in
            let agreement = Agreement(
                applicationProtocol: "pass-rpc/1",
                uriNames: [],
                wasResumed: false
            )
            #expect(await server.next() == .handshake(agreement))
            try await client.send([1, 2, 3])
            #expect(await server.next() == .bytes([1, 2, 3]))
        }
    }

    @Test func aServerOfAnotherAuthorityIsRefused() async throws {
        let others = try TestCertificates(["agenda"])
        let server = try TLSContext(others.serverSettings("agenda"))
        try await withConnection(server: server, client: client()) { server, client in
            #expect(await client.untilClosed() == [.failure(.unknownAuthority), .closed])
            #expect(await server.untilClosed() == [.failure(.peerRefusedCertificate), .closed])
        }
    }

    @Test func aClientOfAnotherAuthorityIsRefused() async throws {
        let others = try TestCertificates(["gateway"])
        var settings = others.clientSettings("gateway")
        settings.authorityPath = certificates.authorityPath
        try await withConnection(server: server(), client: TLSContext(settings)) { server, client in
            #expect(await server.untilClosed() == [.failure(.unknownAuthority), .closed])
            // In TLS 1.3 the client is done before the server has seen its certificate.
            let seen = await client.untilClosed()
            #expect(seen.dropFirst() == [.failure(.peerRefusedCertificate), .closed])
        }
    }

    @Test func aClientWithoutACertificateIsToldToShowOne() async throws {
        try await withConnection(server: server(), client: client(nil)) { server, client in
            #expect(await server.untilClosed() == [.failure(.peerHasNoCertificate), .closed])
            let seen = await client.untilClosed()
            #expect(seen.dropFirst() == [.failure(.peerWantsCertificate), .closed])
        }
    }

    @Test func aServiceWithAnotherNameIsRefused() async throws {
        let wrong = TLSFailure.Kind.wrongPeer(
            expected: "spiffe://pass-emploi/messaging",
            found: ["spiffe://pass-emploi/agenda"]
        )
        try await withConnection(
            server: server(),
            client: client(),
            expecting: .service("messaging")
        ) { server, client in
            #expect(await client.untilClosed() == [.failure(wrong), .closed])
            guard case .failure = await server.next() else {
                Issue.record("The server must not take the handshake for completed.")
                return
            }
        }
    }

    @Test(arguments: [
        ("localhost", true), ("127.0.0.1", true), ("example.org", false), ("10.0.0.1", false),
    ])
    func aHostIsCheckedAgainstTheNamesOfItsCertificate(host: String, isAccepted: Bool) async throws
    {
        try await withConnection(server: server(), client: client(), expecting: .host(host)) {
            _,
            client in
            let first = await client.next()
            if isAccepted {
                guard case .handshake = first else {
                    Issue.record("\(host) was refused: \(String(describing: first))")
                    return
                }
            } else {
                let wrong = TLSFailure.Kind.wrongPeer(
                    expected: host,
                    found: ["agenda", "localhost"]
                )
                #expect(first == .failure(wrong))
            }
        }
    }

    @Test func anExpiredCertificateIsRefused() async throws {
        // Certificates last a year, their authority ten.
        let laterThanThat = Int64(time(nil)) + 400 * 86_400
        let client = try TLSContext(certificates.clientSettings(nil), at: laterThanThat)
        let server = try server(requiresPeerCertificate: false)
        try await withConnection(server: server, client: client) { server, client in
            #expect(await client.untilClosed() == [.failure(.certificateExpired), .closed])
            #expect(await server.untilClosed() == [.failure(.peerRefusedCertificate), .closed])
        }
    }

    @Test func sidesWithoutACommonProtocolPart() async throws {
        var settings = certificates.clientSettings("gateway")
        settings.applicationProtocols = ["h2", "http/1.1"]
        try await withConnection(server: server(), client: TLSContext(settings)) { server, client in
            #expect(await server.untilClosed() == [.failure(.noApplicationProtocol), .closed])
            #expect(await client.untilClosed() == [.failure(.noApplicationProtocol), .closed])
        }
    }

    @Test func aClientThatNamesNoProtocolIsRefused() async throws {
        var settings = certificates.clientSettings("gateway")
        settings.applicationProtocols = []
        settings.requiresApplicationProtocol = false
        try await withConnection(server: server(), client: TLSContext(settings)) { server, client in
            #expect(await server.untilClosed() == [.failure(.noApplicationProtocol), .closed])
            #expect(await client.untilClosed() == [.failure(.noApplicationProtocol), .closed])
        }
    }

    @Test func theServersFirstChoiceIsTaken() async throws {
        var serverSettings = certificates.serverSettings("agenda")
        serverSettings.applicationProtocols = ["h2", "http/1.1"]
        var clientSettings = certificates.clientSettings("gateway")
        clientSettings.applicationProtocols = ["http/1.1", "h2"]
        try await withConnection(
            server: TLSContext(serverSettings),
            client: TLSContext(clientSettings)
        ) { _, client in
            guard case .handshake(let agreement) = await client.next() else {
                Issue.record("No handshake.")
                return
            }
            #expect(agreement.applicationProtocol == "h2")
        }
    }

    @Test(arguments: ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\0\0\0\u{10}hello there, no TLS", "x"])
    func plainBytesAtATLSPortAreNamedAsSuch(text: String) async throws {
        try await withConnection(server: server(), client: nil) { server, client in
            try await client.send(Array(text.utf8))
            if text.utf8.count < 5 { try await client.channel.close() }
            let expected: TLSFailure.Kind = text.utf8.count < 5 ? .closedDuringHandshake : .notTLS
            #expect(await server.next() == .failure(expected))
        }
    }

    @Test func aServerThatSpeaksNoTLSIsNamedAsSuch() async throws {
        try await withConnection(server: nil, client: client()) { server, client in
            try await server.send(Array("220 mail.example.org ESMTP\r\n".utf8))
            #expect(await client.next() == .failure(.notTLS))
        }
    }
}
