import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import TLS

/// Both ends in this test's hands, byte for byte and without a clock of their own.
@Suite struct WireTests {
    /// One end: a channel without a network.
    final class End {
        let channel = EmbeddedChannel()
        let handler: TLSHandler
        private(set) var seen: [Seen] = []

        init(_ context: TLSContext, expecting peer: TLSPeer = .anyone) throws {
            handler = try TLSHandler(context: context, expecting: peer)
            try channel.pipeline.syncOperations.addHandler(handler)
            try channel.pipeline.syncOperations.addHandler(
                Recorder(handler) { [weak self] in
                    self?.seen.append($0)
                }
            )
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        }

        deinit {
            // An open channel holds itself; the time is what a close without an answer takes.
            channel.close(promise: nil)
            channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        }

        /// Everything this end has sent since the last call.
        func output() throws -> [ByteBuffer] {
            var buffers: [ByteBuffer] = []
            while let next = try channel.readOutbound(as: ByteBuffer.self) { buffers.append(next) }
            return buffers
        }

        /// One batch of one read.
        func receive(_ bytes: ByteBuffer) {
            channel.pipeline.fireChannelRead(bytes)
            channel.pipeline.fireChannelReadComplete()
        }

        func send(_ bytes: [UInt8]) { channel.write(ByteBuffer(bytes: bytes), promise: nil) }

        var received: [UInt8] {
            seen.flatMap { one -> [UInt8] in if case .bytes(let bytes) = one { bytes } else { [] } }
        }

        var failures: [TLSFailure.Kind] {
            seen.compactMap { one in if case .failure(let kind) = one { kind } else { nil } }
        }

        var isEstablished: Bool {
            seen.contains { one in if case .handshake = one { true } else { false } }
        }
    }

    let certificates: TestCertificates
    let server: End
    let client: End

    init() throws {
        certificates = try TestCertificates.shared()
        server = try End(TLSContext(certificates.serverSettings("agenda")))
        client = try End(
            TLSContext(certificates.clientSettings("gateway")),
            expecting: .service("agenda")
        )
    }

    /// Carries bytes in pieces of `size` until both ends are silent; at most 100 rounds.
    private func pump(pieces size: Int = .max) throws {
        for _ in 0..<100 {
            let there = try client.output()
            let back = try server.output()
            if there.isEmpty && back.isEmpty { return }
            carry(there, to: server, pieces: size)
            carry(back, to: client, pieces: size)
        }
        Issue.record("The ends talk without end.")
    }

    private func carry(_ buffers: [ByteBuffer], to end: End, pieces size: Int) {
        for var buffer in buffers {
            while end.channel.isActive,
                let piece = buffer.readSlice(length: min(size, buffer.readableBytes)),
                piece.readableBytes > 0
            {
                end.receive(piece)
            }
        }
    }

    @Test(arguments: [1, 2, 5, 6, 100])
    func bytesThatComeInDripsMakeTheSameConversation(size: Int) throws {
        try pump(pieces: size)
        #expect(server.isEstablished && client.isEstablished)
        let bytes = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        client.send(bytes)
        client.channel.flush()
        try pump(pieces: size)
        #expect(server.received == bytes)
        server.channel.close(promise: nil)
        try pump(pieces: size)
        #expect(client.seen.last == .closed)
        #expect(client.seen.contains(.shutdown))
        #expect(client.failures.isEmpty && server.failures.isEmpty)
    }

    @Test func oneFlushOfManySmallWritesIsOneRecord() throws {
        try pump()
        for byte in UInt8(0)..<100 { client.send([byte]) }
        client.channel.flush()
        let sent = try client.output()
        #expect(sent.count == 1)
        // 5 bytes of header, 1 of inner type, 16 of tag. Source: RFC 8446 §5.2.
        #expect(sent.first?.readableBytes == 100 + 22)
        carry(sent, to: server, pieces: .max)
        #expect(server.seen.last == .bytes(Array(0..<100)))
    }

    @Test func oneReadBatchIsDeliveredInOnePiece() throws {
        try pump()
        for byte in UInt8(0)..<10 {
            client.send([byte])
            client.channel.flush()
        }
        var all = ByteBuffer()
        for var record in try client.output() { all.writeBuffer(&record) }
        server.receive(all)
        #expect(server.seen.last == .bytes(Array(0..<10)))
    }

    @Test func everyPromiseOfABatchIsKept() throws {
        try pump()
        let loop = client.channel.embeddedEventLoop
        let promises = (0..<3).map { _ in loop.makePromise(of: Void.self) }
        for promise in promises { client.channel.write(ByteBuffer(string: "a"), promise: promise) }
        client.channel.flush()
        loop.run()
        for promise in promises { try promise.futureResult.wait() }
    }

    @Test func anEndWithoutAClosingMessageIsAFault() throws {
        try pump()
        client.send([1, 2, 3])
        client.channel.flush()
        let record = try #require(client.output().first)
        let start = try #require(record.getSlice(at: record.readerIndex, length: 10))
        server.receive(start)
        server.channel.pipeline.fireChannelInactive()
        #expect(server.failures == [.truncated])
        #expect(server.received.isEmpty)
    }

    @Test(arguments: [0, 1, 3, 5, 20])
    func aChangedByteIsAFaultAndNothingOfItIsDelivered(index: Int) throws {
        try pump()
        client.send([1, 2, 3])
        client.channel.flush()
        var record = try #require(client.output().first)
        let byte: UInt8 = try #require(record.getInteger(at: record.readerIndex + index))
        record.setInteger(byte ^ 0x40, at: record.readerIndex + index)
        server.receive(record)
        // A longer length makes libssl wait for the rest, which then does not fit.
        server.receive(ByteBuffer(repeating: 0, count: 20_000))
        #expect(server.failures.count == 1)
        #expect(server.received.isEmpty)
        try carry(server.output(), to: client, pieces: .max)
        #expect(client.failures.count == 1)
    }

    @Test func randomBytesNeverTrap() throws {
        var generator = SplitMix(seed: 1)
        let context = try TLSContext(certificates.serverSettings("agenda"))
        for _ in 0..<300 {
            let end = try End(context)
            var bytes = [UInt8](repeating: 0, count: Int.random(in: 1...600, using: &generator))
            for index in bytes.indices { bytes[index] = .random(in: 0...255, using: &generator) }
            // Half of them begin like a handshake record.
            if Bool.random(using: &generator), bytes.count > 8 {
                bytes.replaceSubrange(
                    0..<6,
                    with: [0x16, 3, 1, 0, UInt8(min(bytes.count - 5, 255)), 1]
                )
            }
            end.receive(ByteBuffer(bytes: bytes))
            #expect(!end.isEstablished)
            end.channel.pipeline.fireChannelInactive()
            #expect(end.failures.count == 1)
        }
    }

    @Test func aPeerThatSaysNothingIsLeftAfterFiveSeconds() throws {
        server.channel.embeddedEventLoop.advanceTime(by: .milliseconds(4_999))
        #expect(server.failures.isEmpty)
        server.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(server.failures == [.handshakeTimeout])
        #expect(!server.channel.isActive)
    }

    @Test func anEstablishedConnectionHasNoTimeout() throws {
        try pump()
        server.channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(server.failures.isEmpty && server.channel.isActive)
    }

    @Test func aPeerThatDoesNotAnswerTheCloseIsLeftAfterASecond() throws {
        try pump()
        let closed = server.channel.close()
        server.channel.embeddedEventLoop.advanceTime(by: .milliseconds(999))
        #expect(server.channel.isActive)
        server.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!server.channel.isActive)
        try closed.wait()
    }

    @Test func endsThatCloseAtOnceDoNotWaitForEachOther() throws {
        try pump()
        server.channel.close(promise: nil)
        client.channel.close(promise: nil)
        #expect(server.channel.isActive && client.channel.isActive)
        // No time passes here.
        try pump()
        #expect(!server.channel.isActive && !client.channel.isActive)
    }

    @Test func aFewKeyUpdatesAreTakenButNotAFlood() throws {
        let settings = certificates.clientSettings("gateway")
        let engine = try TLSEngine(context: TLSContext(settings), peer: .service("agenda"))
        var unread = ByteBuffer()
        for _ in 0..<10 where try !engine.handshake() || !server.isEstablished {
            if let bytes = engine.takeOutbound() { server.receive(bytes) }
            for var bytes in try server.output() { engine.receive(&bytes) }
        }
        for round in 0..<100 where server.failures.isEmpty {
            try engine.updateKeys()
            var text = ByteBuffer(string: "a")
            try engine.encrypt(&text)
            try server.receive(#require(engine.takeOutbound()))
            for var bytes in try server.output() { engine.receive(&bytes) }
            _ = try? engine.decrypt(into: &unread)
            if round == 9 { #expect(server.received.count == 10) }
        }
        #expect(server.failures == [.tooManyUpdates])
        #expect((10...40).contains(server.received.count))
    }
}

/// A small generator whose numbers are the same in each run.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
