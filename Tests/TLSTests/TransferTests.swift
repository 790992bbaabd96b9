import NIOCore
import TLS
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct TransferTests {
    let certificates: TestCertificates

    init() throws {
        certificates = try TestCertificates.shared()
    }

    private func contexts() throws -> (server: TLSContext, client: TLSContext) {
        (
            try TLSContext(certificates.serverSettings("agenda")),
            try TLSContext(certificates.clientSettings("gateway"))
        )
    }

    @Test func aMebibyteInOddPiecesArrivesWholeBothWays() async throws {
        let contexts = try contexts()
        let bytes = (0..<1_048_576).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
        try await withConnection(server: contexts.server, client: contexts.client) {
            server,
            client in
            _ = await server.next()
            _ = await client.next()
            async let received = server.bytes(bytes.count)
            var index = 0
            for size in [1, 7, 16_383, 16_384, 16_385, 65_537, 333_333, bytes.count] {
                let end = min(index + size, bytes.count)
                try await client.send(Array(bytes[index..<end]))
                index = end
            }
            let there = await received
            #expect(there == bytes)
            async let back = client.bytes(bytes.count)
            try await server.send(there)
            #expect(await back == bytes)
        }
    }

    @Test func whatIsWrittenBeforeTheHandshakeGoesOutAfterIt() async throws {
        let contexts = try contexts()
        try await withConnection(server: contexts.server, client: contexts.client) {
            server,
            client in
            // Whether the handshake is over by now or not: the bytes must come, in order.
            for byte in UInt8(0)..<100 {
                client.channel.write(ByteBuffer(bytes: [byte]), promise: nil)
            }
            client.channel.flush()
            _ = await server.next()
            #expect(await server.bytes(100) == Array(0..<100))
        }
    }

    @Test(arguments: [true, false])
    func aCloseIsSeenAsCleanAtTheOtherEnd(clientCloses: Bool) async throws {
        let contexts = try contexts()
        try await withConnection(server: contexts.server, client: contexts.client) {
            server,
            client in
            _ = await server.next()
            _ = await client.next()
            let (closing, other) = clientCloses ? (client, server) : (server, client)
            closing.channel.writeAndFlush(ByteBuffer(bytes: [9]), promise: nil)
            try await closing.channel.close()
            #expect(await other.untilClosed() == [.bytes([9]), .shutdown, .closed])
            #expect(await closing.untilClosed() == [.closed])
        }
    }

    @Test func bothEndsMayCloseAtOnce() async throws {
        let contexts = try contexts()
        try await withConnection(server: contexts.server, client: contexts.client) {
            server,
            client in
            _ = await server.next()
            _ = await client.next()
            server.channel.close(promise: nil)
            // The server's end may have come first: then there is nothing left to close.
            _ = try? await client.channel.close()
            let seen = await server.untilClosed() + client.untilClosed()
            #expect(seen.allSatisfy { $0 == .closed || $0 == .shutdown })
        }
    }

    @Test func aWriteAfterTheCloseFails() async throws {
        let contexts = try contexts()
        try await withConnection(server: contexts.server, client: contexts.client) { _, client in
            _ = await client.next()
            try await client.channel.close()
            await #expect(throws: ChannelError.self) { try await client.send([1]) }
        }
    }

    @Test func nothingIsLeftOfClosedConnections() async throws {
        weak var leftServer: TLSContext?
        weak var leftClient: TLSContext?
        do {
            let contexts = try contexts()
            leftServer = contexts.server
            leftClient = contexts.client
            for _ in 0..<5 {
                try await withConnection(server: contexts.server, client: contexts.client) {
                    server,
                    client in
                    _ = await server.next()
                    _ = await client.next()
                    #expect(contexts.server.connectionCount == 1)
                    #expect(contexts.client.connectionCount == 1)
                }
            }
            // The loops let go of the last handlers in the turn after their channels have closed.
            try await settle()
            #expect(contexts.server.connectionCount == 0)
            #expect(contexts.client.connectionCount == 0)
        }
        #expect(leftServer == nil)
        #expect(leftClient == nil)
    }
}
