import Glibc
import TLS
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct ResumptionTests {
    let certificates: TestCertificates

    init() throws {
        certificates = try TestCertificates.shared()
    }

    /// Connects, exchanges a byte each way so that the ticket has come, and says what the client
    /// saw.
    private func connect(
        _ server: TLSContext,
        _ client: TLSContext,
        expecting peer: TLSPeer = .service("agenda")
    ) async throws -> (server: Seen?, client: Seen?) {
        var seen: (server: Seen?, client: Seen?)
        try await withConnection(server: server, client: client, expecting: peer) {
            server,
            client in
            seen = (await server.next(), await client.next())
            try await server.send([1])
            _ = await client.next()
        }
        return seen
    }

    private func agreement(_ name: String, resumed: Bool) -> Seen {
        .handshake(
            Agreement(
                applicationProtocol: "pass-rpc/1",
                uriNames: ["spiffe://pass-emploi/\(name)"],
                wasResumed: resumed
            )
        )
    }

    @Test func aSecondConnectionResumesAndKnowsThePeerAgain() async throws {
        let server = try TLSContext(certificates.serverSettings("agenda"))
        let client = try TLSContext(certificates.clientSettings("gateway"))
        let first = try await connect(server, client)
        #expect(first.client == agreement("agenda", resumed: false))
        for _ in 0..<3 {
            let next = try await connect(server, client)
            #expect(next.server == agreement("gateway", resumed: true))
            #expect(next.client == agreement("agenda", resumed: true))
        }
    }

    @Test func anotherPeersSessionIsNotOffered() async throws {
        let server = try TLSContext(certificates.serverSettings("agenda"))
        let client = try TLSContext(certificates.clientSettings("gateway"))
        _ = try await connect(server, client)
        let other = try await connect(server, client, expecting: .host("localhost"))
        #expect(other.client == agreement("agenda", resumed: false))
    }

    @Test func aServerThatForgotBeginsAnew() async throws {
        let client = try TLSContext(certificates.clientSettings("gateway"))
        let settings = certificates.serverSettings("agenda")
        _ = try await connect(TLSContext(settings), client)
        let next = try await connect(TLSContext(settings), client)
        #expect(next.client == agreement("agenda", resumed: false))
    }
}
