public import NIOCore
import NIOPosix
import Synchronization

/// Opens a channel whose pipeline ends in a `ClientConnection` of the endpoint.
typealias ClientConnector = @Sendable (ClientEndpoint) -> EventLoopFuture<any Channel>

/// Calls a service, wherever its replicas are.
///
/// Every IP address that the target's names stand for is a replica. The first call connects to all of
/// them, once for each event loop, so that a call made on a loop never leaves it; each call goes to
/// one that does well and has little to do. A lost connection is opened again by the next call;
/// after failed attempts only as often as a growing wait allows. Names are asked for again every
/// 10 s, and when a connection is lost.
///
/// Where it is safe a unary call is tried again, and so is a server's stream before its first
/// message: up to three times in all, at another replica if there is one, within the call's deadline
/// and a budget of a fifth of all calls and 10 a second. `CallContext.attempt` tells the handler.
public final class RPCClient: Sendable {
    let name: String
    let loops: [ClientLoop]
    private let resolution: TargetResolution?
    private let next = Atomic<Int>(0)

    /// Prepares to call `target`; connects later.
    ///
    /// - Parameters:
    ///   - target: Where the server is, and who it has to be.
    ///   - configuration: Names and limits.
    ///   - tls: Certificates; `nil` for connections in the clear.
    ///   - group: The event loops to keep connections on.
    public convenience init(
        target: RPCTarget,
        configuration: RPCClientConfiguration,
        tls: TLSClient?,
        group: any EventLoopGroup
    ) {
        let literal = target.addresses.map { try? SocketAddress(ipAddress: $0.host, port: $0.port) }
        self.init(
            target: target,
            addresses: literal.contains(nil) ? nil : literal.compactMap(\.self),
            configuration: configuration,
            group: group
        ) { endpoint in
            connectSocket(endpoint, of: target, tls: tls)
        }
    }

    /// A client of a server that is at `addresses` for good; `nil` asks for the target's names.
    init(
        target: RPCTarget,
        addresses: [SocketAddress]?,
        configuration: RPCClientConfiguration,
        group: any EventLoopGroup,
        connector: @escaping ClientConnector
    ) {
        var resolution: TargetResolution?
        if addresses == nil {
            resolution = TargetResolution(
                target,
                configuration: configuration,
                eventLoop: group.next()
            )
        }
        name = target.name
        self.resolution = resolution
        let eventLoops = Array(group.makeIterator())
        let counts = eventLoops.map { _ in RecentCount() }
        let budget = RetryBudget(calls: counts)
        loops = eventLoops.enumerated().map { number, eventLoop in
            ClientLoop(
                eventLoop: eventLoop,
                name: target.name,
                addresses: distinct(addresses ?? []),
                configuration: configuration,
                resolution: resolution,
                budget: budget,
                recentCalls: counts[number],
                seed: configuration.seed &+ UInt64(number),
                connector: connector
            )
        }
        precondition(!loops.isEmpty, "a client needs an event loop")
        resolution?.client = self
    }

    /// There is an answer to the question for addresses.
    func resolved(_ answer: TargetResolution.Answer) {
        for loop in loops { loop.eventLoop.perform { loop.use(answer) } }
    }

    /// Calls a unary method.
    ///
    /// - Throws: `RPCError`.
    public func unary<Request, Response>(
        _ method: Method<Request, Response>,
        _ request: Request,
        options: CallOptions = CallOptions()
    ) async throws -> Response {
        let call = try start(method.descriptor, request, options)
        return try decodeAnswer(try await answer(call))
    }

    /// Calls a method that answers with a stream.
    ///
    /// The call lasts as long as `body`: when that returns or throws before the stream has ended,
    /// the server is told to stop.
    ///
    /// - Returns: What `body` returned.
    /// - Throws: `RPCError`, or what `body` throws.
    public func serverStream<Request, Response, Result>(
        _ method: Method<Request, Response>,
        _ request: Request,
        options: CallOptions = CallOptions(),
        _ body: (ResponseStream<Response>) async throws -> Result
    ) async throws -> Result {
        let call = try start(method.descriptor, request, options)
        defer { call.leave(gaveUp) }
        return try await body(ResponseStream(call))
    }

    /// Calls a method with a stream of messages.
    ///
    /// When `write` returns the stream is finished. If the server answers before, its answer counts
    /// and what is still unsent is dropped.
    ///
    /// - Throws: `RPCError`, or what `write` throws.
    public func clientStream<Request, Response>(
        _ method: Method<Request, Response>,
        options: CallOptions = CallOptions(),
        _ write: (RequestWriter<Request>) async throws -> Void
    ) async throws -> Response {
        let call = start(method.descriptor, payload: nil, options)
        do {
            try await write(RequestWriter(call))
            call.finishRequests()
        } catch {
            // If the server's answer is what ended the writing, that is the outcome.
            call.leave(error)
        }
        return try decodeAnswer(try await answer(call))
    }

    /// Calls a method with a stream each way.
    ///
    /// The call lasts as long as `body`: when that returns or throws before the server has ended
    /// the stream, the server is told to stop.
    ///
    /// - Returns: What `body` returned.
    /// - Throws: `RPCError`, or what `body` throws.
    public func bidirectional<Request, Response, Result>(
        _ method: Method<Request, Response>,
        options: CallOptions = CallOptions(),
        _ body: (RequestWriter<Request>, ResponseStream<Response>) async throws -> Result
    ) async throws -> Result {
        let call = start(method.descriptor, payload: nil, options)
        defer { call.leave(gaveUp) }
        return try await body(RequestWriter(call), ResponseStream(call))
    }

    /// Calls a unary method with bytes for bytes.
    ///
    /// - Throws: `RPCError`.
    public func rawUnary(
        _ method: MethodDescriptor,
        _ payload: ByteBuffer,
        options: CallOptions = CallOptions()
    ) async throws -> ByteBuffer {
        let call = start(method, payload: payload, options)
        return try await answer(call)
    }

    /// Calls a method of any kind with bytes for bytes; otherwise as `bidirectional`.
    ///
    /// `first` is the one message of a kind whose client sends just one; for the others it may be
    /// left out.
    ///
    /// - Returns: What `body` returned.
    /// - Throws: `RPCError`, or what `body` throws.
    public func rawStream<Result>(
        _ method: MethodDescriptor,
        first: ByteBuffer? = nil,
        options: CallOptions = CallOptions(),
        _ body: (RawRequestWriter, RawResponseStream) async throws -> Result
    ) async throws -> Result {
        let call = start(method, payload: first, options)
        defer { call.leave(gaveUp) }
        return try await body(RawRequestWriter(call), RawResponseStream(call))
    }

    /// Closes all connections.
    ///
    /// Calls under way end with UNAVAILABLE, and so does every later call.
    public func close() async {
        resolution?.close()
        for loop in loops {
            // Closing waits for nothing that could fail.
            try? await loop.eventLoop.flatSubmit { loop.close() }.get()
        }
    }

    /// Starts a call whose message is encoded straight into the outbound buffer if the call is made
    /// on its event loop.
    ///
    /// - Throws: `RPCError` if the message cannot be encoded.
    private func start(
        _ method: MethodDescriptor,
        _ message: some ProtobufMessage,
        _ options: CallOptions
    ) throws -> ClientCall {
        let loop = loop()
        guard loop.eventLoop.inEventLoop else {
            var payload = ByteBuffer()
            do {
                try message.encode(into: &payload)
            } catch {
                throw notSent(error)
            }
            return start(method, payload: payload, options, on: loop)
        }
        let call = MessageCall(
            loop: loop,
            method: method,
            message: message,
            options: options,
            deadline: deadline(method, options, loop)
        )
        call.start()
        return call
    }

    private func start(
        _ method: MethodDescriptor,
        payload: ByteBuffer?,
        _ options: CallOptions,
        on loop: ClientLoop? = nil
    ) -> ClientCall {
        let loop = loop ?? self.loop()
        let call = ClientCall(
            loop: loop,
            method: method,
            payload: payload,
            options: options,
            deadline: deadline(method, options, loop)
        )
        call.start()
        return call
    }

    private func deadline(
        _ method: MethodDescriptor,
        _ options: CallOptions,
        _ loop: ClientLoop
    ) -> NIODeadline? {
        var deadline: NIODeadline?
        if let timeout = options.timeout ?? method.timeout {
            let cut = min(max(timeout, .zero), Limits.callTimeoutMax)
            deadline = loop.eventLoop.now + TimeAmount(cut)
        }
        if let inherited = CallContext.inheritedDeadline {
            let left = inherited - TimeAmount(Limits.inheritanceMargin)
            deadline = min(deadline ?? .distantFuture, left)
        }
        return deadline
    }

    /// The loop of the current thread, or the next in turn.
    private func loop() -> ClientLoop {
        if loops.count == 1 { return loops[0] }
        if let current = MultiThreadedEventLoopGroup.currentEventLoop,
            let own = loops.first(where: { $0.eventLoop === current })
        {
            return own
        }
        let turn = next.wrappingAdd(1, ordering: .relaxed).oldValue
        return loops[Int(turn.magnitude % UInt(loops.count))]
    }

    /// Waits for the one answer of a call.
    private func answer(_ call: ClientCall) async throws -> ByteBuffer {
        do {
            guard let payload = try await call.nextMessage() else {
                throw RPCError(.internal, "The server answered without a message.")
            }
            return payload
        } catch is CancellationError {
            call.leave(gaveUp)
            throw gaveUp
        }
    }
}
