import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import RPC

/// A server's connection with raw bytes at its other end, on a loop whose time is set by hand.
final class RawConnection {
    let loop = EmbeddedEventLoop()
    let channel: EmbeddedChannel
    let connection: ServerConnection
    private var decoder = FrameDecoder(payloadBytesMax: Limits.messageBytesMax)
    private var bytes = ByteBuffer()

    /// Connects; with `saysHello` both HELLOs are exchanged at once.
    init(
        _ services: [any RPCService] = [EchoService()],
        configuration: RPCServerConfiguration = RPCServerConfiguration(
            instance: "raw",
            logger: silentLogger
        ),
        saysHello: Bool = true
    ) throws {
        let shared = ServerShared(
            methods: services.flatMap(\.methods),
            configuration: configuration
        )
        channel = EmbeddedChannel(loop: loop)
        connection = ServerConnection(
            channel: channel,
            shared: shared,
            number: 1,
            security: ConnectionSecurity(isEncrypted: false) { .service("gateway") }
        )
        try channel.pipeline.syncOperations.addHandler(connection)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        guard saysHello else { return }
        #expect(try received().map(\.type) == [.hello])
        try send(.hello, header: Announcement(instance: "client").helloHeader())
    }

    /// Sends a frame whose length fields are right.
    func send(
        _ type: FrameType,
        _ flags: FrameFlags = [],
        stream: UInt32 = 0,
        header: [UInt8] = [],
        payload: [UInt8] = []
    ) throws {
        var bytes = ByteBuffer()
        bytes.writeInteger(UInt32(8 + header.count + payload.count))
        bytes.writeMultipleIntegers(type.rawValue, flags.rawValue, UInt16(header.count), stream)
        bytes.writeBytes(header)
        bytes.writeBytes(payload)
        try send(bytes)
    }

    /// Sends bytes as they are.
    func send(_ bytes: ByteBuffer) throws {
        guard channel.isActive else { return }
        try channel.writeInbound(bytes)
        loop.run()
    }

    /// Sends REQUEST for a method of the echo service.
    func request(
        _ id: UInt32,
        _ method: String = "Unary",
        _ flags: FrameFlags = [.message, .end],
        timeoutMicroseconds: UInt64 = 0,
        payload: [UInt8] = []
    ) throws {
        var header = ByteBuffer()
        header.writeRequestHead(
            path: "pass.rpc.v1.Echo/\(method)",
            timeoutMicroseconds: timeoutMicroseconds,
            metadata: Metadata()
        )
        try send(
            .request,
            flags,
            stream: id,
            header: Array(header.readableBytesView),
            payload: payload
        )
    }

    /// The frames that came since the last look.
    func received() throws -> [Frame] {
        loop.run()
        while let more = try channel.readOutbound(as: ByteBuffer.self) {
            bytes.writeImmutableBuffer(more)
        }
        var frames: [Frame] = []
        while let event = decoder.decode(buffer: &bytes) {
            guard case .frame(let frame) = event else {
                Issue.record("the server sent \(event)")
                break
            }
            frames.append(frame)
        }
        return frames
    }

    /// The one frame that came since the last look.
    func receivedOne(sourceLocation: SourceLocation = #_sourceLocation) throws -> Frame {
        let frames = try received()
        #expect(frames.count == 1, "\(frames.map(\.type))", sourceLocation: sourceLocation)
        return try #require(frames.first, sourceLocation: sourceLocation)
    }

    /// Whether the server has closed the connection.
    var isClosed: Bool {
        loop.run()
        return !channel.isActive
    }

    /// Ends the connection, so that no handler outlives the test.
    func close() throws {
        _ = try? channel.finish(acceptAlreadyClosed: true)
        loop.run()
    }
}

extension Frame {
    /// The status in the frame's header; `nil` for OK.
    var status: RPCError? {
        get throws { try RPCError.decode(header, isNotProcessed: flags.contains(.notProcessed)) }
    }
}

/// Logs nothing: the tests provoke what would fill the screen.
let silentLogger = Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() }

extension RawConnection {
    /// Expects GOAWAY with `code`, and that the connection closes.
    func expectGoAway(
        _ code: RPCError.Code,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let frame = try #require(try received().last, sourceLocation: sourceLocation)
        #expect(frame.type == .goAway, sourceLocation: sourceLocation)
        #expect(try frame.status?.code == code, sourceLocation: sourceLocation)
        #expect(isClosed, sourceLocation: sourceLocation)
    }

    /// Expects RESET of stream `id` with `code`, and that the connection goes on.
    @discardableResult
    func expectReset(
        _ id: UInt32,
        _ code: RPCError.Code,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> RPCError? {
        let frame = try receivedOne(sourceLocation: sourceLocation)
        #expect(frame.type == .reset, sourceLocation: sourceLocation)
        #expect(frame.stream == id, sourceLocation: sourceLocation)
        let status = try frame.status
        #expect(status?.code == code, sourceLocation: sourceLocation)
        #expect(!isClosed, sourceLocation: sourceLocation)
        return status
    }

    /// Expects that a call on stream `id` is answered.
    func expectStillWorks(
        _ id: UInt32,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try request(id, payload: [0x0a, 1, 7])
        let frame = try receivedOne(sourceLocation: sourceLocation)
        #expect(frame.type == .response, sourceLocation: sourceLocation)
        #expect(frame.stream == id, sourceLocation: sourceLocation)
        #expect(try frame.status == nil, sourceLocation: sourceLocation)
        #expect(
            Array(frame.payload.readableBytesView) == [0x0a, 1, 7],
            sourceLocation: sourceLocation
        )
    }
}

extension ByteBuffer {
    /// The 12 bytes before header and payload.
    init(integers length: UInt32, type: UInt8, flags: UInt8, header: UInt16, stream: UInt32) {
        self.init()
        writeMultipleIntegers(length, type, flags, header, stream)
    }
}
