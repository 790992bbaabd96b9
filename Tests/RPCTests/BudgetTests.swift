import NIOCore
import NIOEmbedded
import NIOPosix
import Testing

@testable import RPC

/// What a server holds for all its clients together, and what ends when that is too much.
@Suite struct BudgetTests {
    private static let budget = 1 << 20

    private func connect(_ services: [any RPCService] = [StubbornService()]) throws -> RawConnection
    {
        try RawConnection(
            services,
            configuration: RPCServerConfiguration(
                instance: "raw",
                bufferedBytesMax: Self.budget,
                logger: silentLogger
            )
        )
    }

    /// Fills the inbox of a stream with messages of 10,000 bytes.
    private func fill(_ raw: RawConnection, _ id: UInt32, messages: Int) throws {
        for _ in 0..<messages {
            let payload = [UInt8](repeating: 0, count: 10_000)
            try raw.send(.message, .message, stream: id, payload: payload)
        }
    }

    @Test func theStreamThatHoldsMostEndsAndTheOthersGoOn() throws {
        let raw = try connect()
        for id in [1, 3, 5, 7, 9, 11] as [UInt32] { try raw.request(id, "Bidi", []) }
        for id in [1, 3, 5, 9] as [UInt32] { try fill(raw, id, messages: 20) }
        try fill(raw, 7, messages: 25)
        #expect(try raw.received().isEmpty)
        #expect(raw.connection.held > 1_050_000)
        try fill(raw, 11, messages: 1)
        let answer = try raw.receivedOne()
        #expect(answer.type == .response)
        #expect(answer.stream == 7)
        #expect(try answer.status?.code == .resourceExhausted)
        #expect(raw.connection.state.streams.count == 5)
        #expect(raw.connection.shared.budget.bytes < Self.budget)
        try raw.close()
        raw.connection.loop.report()
        #expect(raw.connection.held == 0)
        #expect(raw.connection.shared.budget.bytes == 0)
    }

    @Test func messagesOfNoBytesCountAsWell() throws {
        let raw = try connect()
        try raw.request(1, "Bidi", [])
        var bytes = ByteBuffer()
        for _ in 0..<Self.budget / Limits.messageOverheadBytes + 256 {
            bytes.writeImmutableBuffer(frame(4, flags: 2, stream: 1))
        }
        try raw.send(bytes)
        #expect(try raw.receivedOne().status?.code == .resourceExhausted)
        try raw.close()
    }

    @Test func messagesThatWaitDoNotKeepTheMemoryOfAWholeRead() throws {
        let raw = try connect()
        try raw.request(1, "Bidi", [])
        var bytes = frame(4, flags: 2, stream: 1, payload: [1, 2, 3])
        for _ in 0..<2_000 { bytes.writeImmutableBuffer(frame(200)) }
        bytes.writeInteger(UInt8(0))
        try raw.send(bytes)
        #expect(raw.connection.held == 3 + Limits.messageOverheadBytes + 1)
        let message = raw.connection.calls[0]?.inbox.take()
        guard case .message(let message) = message else {
            Issue.record("no message waits")
            return
        }
        #expect(message.payload.storageCapacity < 100)
        try raw.close()
    }

    @Test func anUnfinishedFrameThatHoldsMostIsGivenUpAndSkipped() throws {
        let raw = try connect()
        try raw.request(1, "Bidi", [])
        try fill(raw, 1, messages: 20)
        let size = Self.budget - 12
        try raw.send(
            ByteBuffer(integers: UInt32(8 + size), type: 2, flags: 3, header: 0, stream: 3)
        )
        try raw.send(ByteBuffer(repeating: 0, count: size - 1000))
        let reset = try raw.expectReset(3, .resourceExhausted)
        #expect(reset?.isNotProcessed == true)
        try raw.send(ByteBuffer(repeating: 0, count: 1000))
        try raw.request(5, "Bidi", [])
        #expect(raw.connection.state.streams.count == 2)
        try raw.close()
    }

    @Test func callsThatWaitForOthersCountWithTheirRequests() throws {
        let raw = try RawConnection(
            [StubbornService()],
            configuration: RPCServerConfiguration(
                instance: "raw",
                bufferedBytesMax: Self.budget,
                admission: AdmissionControl(callsAtStart: 1, callsMin: 1, callsMax: 1),
                logger: silentLogger
            )
        )
        let request = try EchoMessage(body: [UInt8](repeating: 0, count: 300_000)).serializedBytes()
        for id in [1, 3, 5, 7] as [UInt32] { try raw.request(id, payload: request) }
        #expect(raw.connection.held == 3 * (request.count + Limits.messageOverheadBytes))
        try raw.request(9, payload: request)
        let answer = try raw.receivedOne()
        #expect(try answer.status?.code == .resourceExhausted)
        #expect(try answer.status?.isNotProcessed == true)
        #expect(raw.connection.state.streams.count == 4)
        try raw.send(
            .reset,
            stream: 1,
            header: RPCError(.cancelled, "").statusHeader()
        )
        #expect(raw.connection.held == 2 * (request.count + Limits.messageOverheadBytes))
        try raw.close()
        #expect(raw.connection.held == 0)
    }

    /// A socket that takes nothing.
    private final class StuckSocket: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer

        func flush(context: ChannelHandlerContext) {}
    }

    @Test func aConnectionWhoseAnswersHoldMostIsCut() throws {
        let raw = try RawConnection(
            configuration: RPCServerConfiguration(
                instance: "raw",
                bufferedBytesMax: Self.budget,
                logger: silentLogger
            )
        )
        try raw.channel.pipeline.syncOperations.addHandler(StuckSocket(), position: .first)
        let body = [UInt8](repeating: 7, count: 100_000)
        for number in 0..<10 as Range<UInt32> {
            let message = try EchoMessage(body: body).serializedBytes()
            try raw.request(2 * number + 1, payload: message)
            #expect(!raw.isClosed)
        }
        #expect(raw.connection.held > 1_000_000)
        try raw.request(21, payload: try EchoMessage(body: body).serializedBytes())
        #expect(raw.isClosed)
        raw.connection.loop.report()
        #expect(raw.connection.shared.budget.bytes == 0)
    }

    /// A socket that takes nothing, and does not close until it is told to let go.
    private final class LingeringSocket: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var lingers = true

        func flush(context: ChannelHandlerContext) {}

        func close(
            context: ChannelHandlerContext,
            mode: CloseMode,
            promise: EventLoopPromise<Void>?
        ) {
            if !lingers { context.close(mode: mode, promise: promise) }
        }
    }

    @Test func whatIsCutCountsNoMoreThoughItsSocketLingers() throws {
        let raw = try connect([EchoService()])
        let socket = LingeringSocket()
        try raw.channel.pipeline.syncOperations.addHandler(socket, position: .first)
        let body = [UInt8](repeating: 7, count: 100_000)
        for number in 0..<11 as Range<UInt32> {
            let message = try EchoMessage(body: body).serializedBytes()
            try raw.request(2 * number + 1, payload: message)
        }
        #expect(!raw.isClosed)
        raw.connection.loop.report()
        #expect(raw.connection.shared.budget.bytes == 0)
        socket.lingers = false
        try raw.close()
    }

    @Test func aConnectionThatClosesHoldsNothingThatItWillNotRead() throws {
        let raw = try connect()
        let socket = LingeringSocket()
        try raw.channel.pipeline.syncOperations.addHandler(socket, position: .first)
        var bytes = frame(2, flags: 3, stream: 2)
        bytes.writeRepeatingByte(0, count: 2 * Self.budget)
        try raw.send(bytes)
        #expect(raw.connection.isClosing)
        #expect(raw.connection.held < 1000)
        socket.lingers = false
        try raw.close()
    }

    @Test func longMetadataOfCallsAtWorkCounts() throws {
        let raw = try connect([EndlessService()])
        var metadata = Metadata()
        while metadata.pairs.count < 2_000 { metadata.add("k", "") }
        var header = ByteBuffer()
        header.writeRequestHead(
            path: "pass.rpc.v1.Echo/ServerStream",
            timeoutMicroseconds: 0,
            metadata: metadata
        )
        let bytes = Array(header.readableBytesView)
        var ended: Frame?
        for number in 0..<200 as Range<UInt32> where ended == nil {
            try raw.send(.request, [.message, .end], stream: 2 * number + 1, header: bytes)
            ended = try raw.received().first
        }
        #expect(ended?.type == .response)
        #expect(try ended?.status?.code == .resourceExhausted)
        #expect(raw.connection.held < Self.budget)
        try raw.close()
        #expect(raw.connection.held == 0)
    }

    @Test func theBudgetIsOneForAllEventLoops() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let loops = group.makeIterator().map { $0 }
        let server = RPCServer(
            services: [StubbornService()],
            configuration: RPCServerConfiguration(
                instance: "tcp",
                bufferedBytesMax: Self.budget,
                logger: silentLogger
            ),
            tls: nil,
            group: group
        )
        let port = try await server.bind(host: "127.0.0.1", port: 0)
        let ended = try await withThrowingTaskGroup(of: RPCError?.self) { tasks in
            for _ in 0..<8 {
                for loop in loops.prefix(2) {
                    tasks.addTask { try await Self.fillWindow(port, loop) }
                }
            }
            // 16 windows of 256 KiB are 4 MiB: all but three or so have to end.
            var ended = 0
            while ended < 12, let error = try await tasks.next() {
                #expect(error?.code == .resourceExhausted)
                ended += 1
            }
            tasks.cancelAll()
            return ended
        }
        #expect(ended == 12)
        await server.drain(within: .seconds(1))
        for loop in loops { try await loop.submit { server.shared.loop(loop).report() }.get() }
        #expect(server.shared.budget.bytes == 0)
    }

    /// Sends until there is no credit left, and waits for the end of the call.
    private static func fillWindow(_ port: Int, _ loop: any EventLoop) async throws -> RPCError? {
        let client = RPCClient(
            target: RPCTarget(name: "echo", host: "127.0.0.1", port: port),
            configuration: RPCClientConfiguration(instance: "t", logger: silentLogger),
            tls: nil,
            group: loop
        )
        var found: RPCError?
        do {
            _ = try await EchoClient(client).clientStream { writer in
                let message = EchoMessage(body: [UInt8](repeating: 0, count: 10_000))
                while true { try await writer.write(message) }
            }
        } catch let error as RPCError {
            found = error
        } catch is CancellationError {}
        await client.close()
        return found
    }
}
