import NIOCore
import RPC
import Testing

/// Calls of all four kinds, as an application makes them.
@Suite struct CallTests {
    @Test func unaryAnswersTheMessage() async throws {
        try await withEcho { echo in
            let answer = try await echo.unary(EchoMessage(body: [1, 2, 3]))
            #expect(answer.body == [1, 2, 3])
        }
    }

    @Test func aMessageOfNoBytesIsAMessage() async throws {
        try await withEcho { echo in
            let answer = try await echo.unary(EchoMessage())
            #expect(answer == EchoMessage())
        }
    }

    @Test func manyCallsAtOnceAreAllAnswered() async throws {
        try await withEcho { echo in
            try await withThrowingTaskGroup(of: (UInt8, [UInt8]).self) { group in
                for number in UInt8.min...UInt8.max {
                    group.addTask {
                        (number, try await echo.unary(EchoMessage(body: [number])).body)
                    }
                }
                for try await (number, body) in group { #expect(body == [number]) }
            }
        }
    }

    @Test func serverStreamSendsEachCopyThenEnds() async throws {
        try await withEcho { echo in
            let bodies = try await echo.serverStream(EchoMessage(body: [7], repeat: 5)) { stream in
                var bodies: [[UInt8]] = []
                for try await message in stream { bodies.append(message.body) }
                return bodies
            }
            #expect(bodies == Array(repeating: [7], count: 5))
        }
    }

    @Test func clientStreamAnswersTheLastBodyAndTheCount() async throws {
        try await withEcho { echo in
            let answer = try await echo.clientStream { writer in
                for number in UInt8(1)...4 { try await writer.write(EchoMessage(body: [number])) }
            }
            #expect(answer.body == [4])
            #expect(answer.repeat == 4)
        }
    }

    @Test func clientStreamWithoutMessagesIsAnswered() async throws {
        try await withEcho { echo in
            let answer = try await echo.clientStream { _ in }
            #expect(answer.repeat == 0)
        }
    }

    @Test func bidirectionalEchoesInOrderWhileBothSidesSend() async throws {
        try await withEcho { echo in
            let bodies = try await echo.bidi { writer, stream in
                var bodies: [[UInt8]] = []
                var answers = stream.makeAsyncIterator()
                for number in UInt8(1)...4 {
                    try await writer.write(EchoMessage(body: [number]))
                    if let answer = try await answers.next() { bodies.append(answer.body) }
                }
                writer.finish()
                let end = try await answers.next()
                #expect(end == nil)
                return bodies
            }
            #expect(bodies == [[1], [2], [3], [4]])
        }
    }

    @Test(arguments: RPCError.Code.allCases)
    func everyStatusComesThrough(code: RPCError.Code) async throws {
        try await withEcho { echo in
            let error = await #expect(throws: RPCError.self) {
                try await echo.unary(
                    EchoMessage(failCode: code.rawValue, failMessage: "Pourquoi ? Parce que.")
                )
            }
            #expect(error?.code == code)
            #expect(error?.message == "Pourquoi ? Parce que.")
            #expect(error?.isNotProcessed == false)
        }
    }

    @Test func aStreamDeliversWhatCameBeforeItsError() async throws {
        try await withEcho { echo in
            var bodies: [[UInt8]] = []
            let error = await #expect(throws: RPCError.self) {
                try await echo.bidi { writer, stream in
                    try await writer.write(EchoMessage(body: [1]))
                    try await writer.write(EchoMessage(failCode: 9, failMessage: "enough"))
                    for try await message in stream { bodies.append(message.body) }
                }
            }
            #expect(bodies == [[1]])
            #expect(error == RPCError(.failedPrecondition, "enough"))
        }
    }

    @Test func anEarlyErrorEndsAClientStream() async throws {
        try await withEcho { echo in
            let error = await #expect(throws: RPCError.self) {
                try await echo.clientStream { writer in
                    try await writer.write(EchoMessage(failCode: 8))
                    while true { try await writer.write(EchoMessage(body: [0])) }
                }
            }
            #expect(error?.code == .resourceExhausted)
        }
    }

    @Test func unknownServiceAndUnknownMethodAreToldApart() async throws {
        try await withInProcessServer([EchoService()]) { client in
            let noMethod = Method<EchoMessage, EchoMessage>(
                service: "pass.rpc.v1.Echo",
                name: "Nothing",
                kind: .unary,
                roles: [],
                peers: [],
                isIdempotent: false,
                timeout: .seconds(5)
            )
            let noService = Method<EchoMessage, EchoMessage>(
                service: "pass.rpc.v1.Nothing",
                name: "Unary",
                kind: .unary,
                roles: [],
                peers: [],
                isIdempotent: false,
                timeout: .seconds(5)
            )
            let method = await #expect(throws: RPCError.self) {
                try await client.unary(noMethod, EchoMessage())
            }
            let service = await #expect(throws: RPCError.self) {
                try await client.unary(noService, EchoMessage())
            }
            #expect(method?.code == .unimplemented)
            #expect(method?.message.contains("method") == true)
            #expect(method?.isNotProcessed == true)
            #expect(service?.code == .unimplemented)
            #expect(service?.message.contains("service:") == true)
        }
    }

    @Test func rawCallsPassBytesThrough() async throws {
        try await withInProcessServer([EchoService()]) { client in
            let payload = ByteBuffer(bytes: [0x0a, 2, 8, 9])
            let answer = try await client.rawUnary(EchoMethods.unary.descriptor, payload)
            #expect(answer == payload)
            let answers = try await client.rawStream(EchoMethods.bidi.descriptor) {
                writer,
                stream in
                try await writer.write(payload)
                writer.finish()
                var answers: [ByteBuffer] = []
                for try await answer in stream { answers.append(answer) }
                return answers
            }
            #expect(answers == [payload])
        }
    }
}

/// Runs `body` with a client of the echo service over the in-process transport.
func withEcho(_ body: (EchoClient) async throws -> Void) async throws {
    try await withInProcessServer([EchoService()]) { client in try await body(EchoClient(client)) }
}
