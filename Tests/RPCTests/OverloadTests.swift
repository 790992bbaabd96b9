import NIOCore
import NIOEmbedded
import Testing

@testable import RPC

/// More calls than a server lets at work at once, frame by frame.
@Suite struct OverloadTests {
    private static let cancel = RPCError(.cancelled, "Never mind.").statusHeader()

    /// A server that lets two calls of a method at work, whose handlers end when they are
    /// cancelled.
    private func connect(
        _ services: [any RPCService] = [StubbornService()],
        calls: Int = 2
    ) throws -> RawConnection {
        try RawConnection(
            services,
            configuration: RPCServerConfiguration(
                instance: "raw",
                admission: AdmissionControl(callsAtStart: calls, callsMin: calls, callsMax: calls),
                logger: silentLogger
            )
        )
    }

    private func isAtWork(_ raw: RawConnection, _ id: UInt32) -> Bool {
        raw.connection.state.streams.slot(of: id).flatMap { raw.connection.calls[$0]?.lane } != nil
    }

    @Test func aCallAboveTheLimitBeginsWhenOneBeforeItIsOver() throws {
        let raw = try connect()
        for id in [1, 3, 5, 7] as [UInt32] { try raw.request(id) }
        #expect(isAtWork(raw, 3))
        #expect(!isAtWork(raw, 5))
        try raw.send(.reset, stream: 1, header: Self.cancel)
        #expect(isAtWork(raw, 5))
        #expect(!isAtWork(raw, 7))
        try raw.close()
        #expect(raw.connection.state.streams.count == 0)
    }

    @Test func aCallThatIsCancelledWhileItWaitsFreesItsPlaceAtOnce() throws {
        let raw = try connect()
        for id in [1, 3, 5, 7] as [UInt32] { try raw.request(id) }
        try raw.send(.reset, stream: 5, header: Self.cancel)
        #expect(raw.connection.state.streams.count == 3)
        try raw.send(.reset, stream: 3, header: Self.cancel)
        #expect(isAtWork(raw, 7))
        try raw.close()
    }

    @Test func aCallWhoseTimeIsUpWhileItWaitsWasNotProcessed() throws {
        let raw = try connect()
        for id in [1, 3] as [UInt32] { try raw.request(id) }
        try raw.request(5, timeoutMicroseconds: 1_000_000)
        raw.loop.advanceTime(by: .seconds(1))
        let answer = try raw.receivedOne()
        #expect(answer.stream == 5)
        #expect(try answer.status?.code == .deadlineExceeded)
        #expect(try answer.status?.isNotProcessed == true)
        #expect(raw.connection.state.streams.count == 2)
        try raw.close()
    }

    @Test func aCallThatFindsTheQueueFullIsTurnedAway() throws {
        let raw = try RawConnection(
            [StubbornService()],
            configuration: RPCServerConfiguration(
                instance: "raw",
                streamsMax: 1000,
                admission: AdmissionControl(callsAtStart: 2, callsMin: 2, callsMax: 2),
                logger: silentLogger
            )
        )
        let most = UInt32(2 + Limits.waitingCallsMax)
        for number in 0..<most { try raw.request(2 * number + 1) }
        #expect(try raw.received().isEmpty)
        try raw.request(2 * most + 1)
        let answer = try raw.receivedOne()
        #expect(answer.type == .response)
        let status = try #require(try answer.status)
        #expect(status.code == .unavailable)
        #expect(status.isNotProcessed)
        #expect(status.retryAfter == Limits.comeBackMin)
        try raw.close()
    }

    @Test func aQueueOfCallsThatAnswerAtOnceIsEmptiedInOneTurn() throws {
        let raw = try connect([HeldService()], calls: 1)
        // The first waits, so that the others queue behind it; they do not wait.
        try raw.request(1, payload: [0x10, 1])
        for id in stride(from: UInt32(3), through: 401, by: 2) { try raw.request(id) }
        #expect(try raw.received().isEmpty)
        try raw.send(.reset, stream: 1, header: Self.cancel)
        #expect(try raw.received().map(\.stream) == Array(stride(from: 3, through: 401, by: 2)))
        #expect(raw.connection.state.streams.count == 0)
    }

    @Test func streamsTakeNoPlaceOfUnaryCalls() throws {
        let raw = try connect()
        for id in [1, 3, 5, 7] as [UInt32] { try raw.request(id, "ServerStream") }
        for id in [1, 3, 5, 7] as [UInt32] { #expect(isAtWork(raw, id)) }
        try raw.request(9)
        #expect(isAtWork(raw, 9))
        try raw.close()
    }

    @Test func healthIsAnsweredWhateverWaits() async throws {
        let configuration = RPCServerConfiguration(
            instance: "busy",
            admission: AdmissionControl(callsAtStart: 1, callsMin: 1, callsMax: 1),
            logger: silentLogger
        )
        try await withInProcessServer([StubbornService()], configuration: configuration) { client in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for _ in 0..<20 {
                    tasks.addTask { _ = try await EchoClient(client).unary(EchoMessage()) }
                }
                for _ in 0..<20 {
                    let status = try await HealthClient(client).status("")
                    #expect(status == .serving)
                }
                tasks.cancelAll()
                while let result = await tasks.nextResult() {
                    #expect(throws: (any Error).self) { try result.get() }
                }
            }
        }
    }
}

/// An echo whose unary call waits for its end if `repeat` is not 0.
private struct HeldService: EchoServer {
    private let stubborn = StubbornService()

    func unary(_ request: EchoMessage, _ call: CallContext) async throws -> EchoMessage {
        request.repeat == 0 ? request : try await stubborn.unary(request, call)
    }

    func serverStream(
        _ request: EchoMessage,
        _ responses: ResponseWriter<EchoMessage>,
        _ call: CallContext
    ) async throws {}

    func clientStream(
        _ requests: RequestStream<EchoMessage>,
        _ call: CallContext
    ) async throws -> EchoMessage { EchoMessage() }

    func bidi(
        _ requests: RequestStream<EchoMessage>,
        _ responses: ResponseWriter<EchoMessage>,
        _ call: CallContext
    ) async throws {}
}
