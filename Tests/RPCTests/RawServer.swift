import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import RPC

/// A client whose servers are raw bytes, on a loop whose time is set by hand.
///
/// Safety: everything happens on the test's thread, which is also the embedded loop's.
final class RawServer: @unchecked Sendable {
    let loop = EmbeddedEventLoop()
    private(set) var client: RPCClient
    /// The connections that the client has opened, oldest first.
    private(set) var channels: [EmbeddedChannel] = []
    /// The hosts that they lead to.
    private(set) var hosts: [String] = []
    /// Attempts to connect so far.
    private(set) var attempts = 0
    /// How many of the next attempts fail.
    var failures = 0
    /// Hosts that refuse connections.
    var refusing: Set<String> = []
    /// Hosts of which nothing is heard when they are connected to.
    var swallowing: Set<String> = []
    /// Whether a new connection's HELLO comes at once.
    var saysHello = true
    var announcement = Announcement(instance: "raw")
    private let executor: EventLoopExecutor
    private var buffers: [ObjectIdentifier: ByteBuffer] = [:]
    private var decoders: [ObjectIdentifier: FrameDecoder] = [:]

    struct Refused: Error {}

    /// A client of the server at `hosts`; `nil` has it ask `resolve`.
    init(
        jitter: Double = 0,
        hosts: [String]? = ["10.0.0.1"],
        resolve: @escaping @Sendable (RPCAddress) throws -> [SocketAddress] = { _ in [] }
    ) throws {
        executor = EventLoopExecutor(eventLoop: loop)
        let loop = loop
        client = RPCClient(
            target: RPCTarget(name: "unused", addresses: []),
            addresses: [],
            configuration: RPCClientConfiguration(instance: "test"),
            group: loop
        ) { _ in loop.makeFailedFuture(Refused()) }
        client = try RPCClient(
            target: RPCTarget(name: "echo", host: "echo.test", port: 7),
            addresses: hosts?.map { try SocketAddress(ipAddress: $0, port: 7) },
            configuration: RPCClientConfiguration(
                instance: "test",
                logger: silentLogger,
                jitter: { jitter },
                seed: 1,
                resolve: { address, loop in
                    loop.makeCompletedFuture { try resolve(address) }
                }
            ),
            group: loop
        ) { [unowned self] endpoint in connect(endpoint) }
    }

    private func connect(_ endpoint: ClientEndpoint) -> EventLoopFuture<any Channel> {
        attempts += 1
        let host = endpoint.address.ipAddress ?? ""
        if swallowing.contains(host) {
            return loop.makePromise(of: (any Channel).self).futureResult
        }
        if refusing.contains(host) { return loop.makeFailedFuture(Refused()) }
        if failures > 0 {
            failures -= 1
            return loop.makeFailedFuture(Refused())
        }
        let channel = EmbeddedChannel(loop: loop)
        channels.append(channel)
        hosts.append(host)
        do {
            try addClientHandlers(channel, endpoint)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            if saysHello { try hello(channel) }
            return loop.makeSucceededFuture(channel)
        } catch {
            return loop.makeFailedFuture(error)
        }
    }

    /// The newest connection.
    var channel: EmbeddedChannel {
        get throws { try #require(channels.last) }
    }

    /// The newest connection to a host.
    func channel(_ host: String) throws -> EmbeddedChannel {
        let index = try #require(hosts.lastIndex(of: host))
        return channels[index]
    }

    /// Runs `body` as a caller does, until it first waits.
    func start<Result: Sendable>(
        _ body: @escaping @Sendable (RPCClient) async throws -> Result
    ) -> Outcome<Result> {
        let outcome = Outcome<Result>()
        let client = client
        outcome.task = Task.immediate(executorPreference: executor) {
            do {
                outcome.value = .success(try await body(client))
            } catch {
                outcome.value = .failure(error)
            }
        }
        loop.run()
        return outcome
    }

    /// Starts a unary echo; by default with a single try.
    func startUnary(
        _ request: EchoMessage = EchoMessage(),
        _ options: CallOptions = CallOptions(retries: false)
    ) -> Outcome<EchoMessage> {
        start { try await $0.unary(EchoMethods.unary, request, options: options) }
    }

    func hello(_ channel: EmbeddedChannel? = nil) throws {
        try send(.hello, header: announcement.helloHeader(), on: channel)
    }

    func send(
        _ type: FrameType,
        _ flags: FrameFlags = [],
        stream: UInt32 = 0,
        header: [UInt8] = [],
        payload: [UInt8] = [],
        on channel: EmbeddedChannel? = nil
    ) throws {
        let bytes = frame(
            type.rawValue,
            flags: flags.rawValue,
            stream: stream,
            header: header,
            payload: payload
        )
        try (channel ?? self.channel).writeInbound(bytes)
        loop.run()
    }

    /// The frames that came since the last look, HELLO left out.
    func received(on channel: EmbeddedChannel? = nil) throws -> [Frame] {
        loop.run()
        let channel = try channel ?? self.channel
        let key = ObjectIdentifier(channel)
        var bytes = buffers[key] ?? ByteBuffer()
        var decoder = decoders[key] ?? FrameDecoder(payloadBytesMax: Limits.messageBytesMax)
        while let more = try channel.readOutbound(as: ByteBuffer.self) {
            bytes.writeImmutableBuffer(more)
        }
        var frames: [Frame] = []
        while case .frame(let frame)? = decoder.decode(buffer: &bytes) { frames.append(frame) }
        buffers[key] = bytes
        decoders[key] = decoder
        return frames.filter { $0.type != .hello }
    }

    /// Answers every REQUEST on every connection, `time` after it came.
    ///
    /// - Returns: How many each host got.
    @discardableResult
    func answer(
        after time: TimeAmount = .zero,
        _ status: (String) -> RPCError? = { _ in nil }
    ) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        loop.advanceTime(by: time)
        for (host, channel) in zip(hosts, channels) where channel.isActive {
            for request in try received(on: channel) where request.type == .request {
                counts[host, default: 0] += 1
                let error = status(host)
                try send(
                    .response,
                    error == nil ? .message : error?.isNotProcessed == true ? .notProcessed : [],
                    stream: request.stream,
                    header: error?.statusHeader() ?? [],
                    on: channel
                )
            }
        }
        return counts
    }

    /// The server's end closes.
    func disconnect(_ channel: EmbeddedChannel? = nil) throws {
        let channel = try channel ?? self.channel
        channel.pipeline.fireChannelInactive()
        loop.run()
    }
}

/// What came of a caller's code.
///
/// Safety: as `RawServer`.
final class Outcome<Value: Sendable>: @unchecked Sendable {
    var value: Result<Value, any Error>?
    var task: Task<Void, Never>?

    /// The error that it ended with.
    var error: RPCError? {
        guard case .failure(let error)? = value else { return nil }
        return error as? RPCError
    }

    /// What it returned.
    var success: Value? { try? value?.get() }
}

extension Frame {
    /// The header of a REQUEST.
    var head: RequestHead {
        get throws { try RequestHead(decoding: header) }
    }
}
