import Contracts
import RPC
import ServiceKit
import Testing

@testable import Gateway

@Suite struct PassThroughTests {
    private let method = AgendaMethods.getAppointment.descriptor

    @Test(arguments: [
        [],
        // A field that no message has, a field twice, fields out of order, a long way to write 1.
        [0xFA, 0x3F, 0x03, 1, 2, 3, 0x0A, 1, 0x42, 0x0A, 1, 0x41, 0x08, 0x81, 0x80, 0x00],
        // No protobuf at all: that is for the service to say.
        [0xFF, 0xFF, 0x00],
        [UInt8](repeating: 0x5A, count: 300_000),
    ])
    func payloadsGoOnByteForByteBothWays(_ bytes: [UInt8]) async throws {
        try await withGateway { gateway in
            gateway.backend.answer(method.path, bytes.reversed())
            let answer = try await gateway.call(method, bytes, TestPerson.young.options)
            #expect(gateway.backend.seen.first?.payload == bytes)
            #expect(answer == bytes.reversed())
        }
    }

    @Test func onlyTheGatewaySaysWhoCalls() async throws {
        try await withGateway { gateway in
            var options = TestPerson.young.options
            for key in PersonHeaders.all {
                options.metadata.add(key, "COUNSELLOR")
                options.metadata.add(key, "id-counsellor")
            }
            options.metadata.add("request-id", "r1")
            options.metadata.add("request-id", bytes: [0xFF, 0x00])
            try await gateway.call(method, [], options)
            let young = TestPerson.young
            var expected = PersonHeaders.metadata(
                for: .youngPerson(young.id),
                sessionID: young.sessionID
            )
            expected.add("request-id", "r1")
            expected.add("request-id", bytes: [0xFF, 0x00])
            #expect(gateway.backend.seen.first?.metadata == expected)
        }
    }

    @Test func aVisitorCannotMakeThemselvesSomebody() async throws {
        try await withGateway { gateway in
            var options = CallOptions()
            options.metadata.add(PersonHeaders.role, "COUNSELLOR")
            options.metadata.add(PersonHeaders.id, "id-counsellor")
            try await gateway.call(OffersMethods.searchOffers.descriptor, [], options)
            let expected: Metadata = [PersonHeaders.role: "PUBLIC"]
            #expect(gateway.backend.seen.first?.metadata == expected)
            let error = await #expect(throws: RPCError.self) {
                try await gateway.call(method, [], options)
            }
            #expect(error?.code == .unauthenticated)
        }
    }

    @Test func metadataThatFillsTheHeaderIsAnErrorOfThatCallOnly() async throws {
        try await withGateway { gateway in
            var codes: Set<RPCError.Code?> = []
            // From what fits both ways to what fits neither; the person's headers take some more
            // on the way to the service.
            for length in stride(from: 16_000, through: 16_384, by: 16) {
                var options = TestPerson.young.options
                options.metadata.add("much", String(repeating: "x", count: length))
                do {
                    try await gateway.call(method, [], options)
                    codes.insert(nil)
                } catch {
                    codes.insert((error as? RPCError)?.code ?? .unknown)
                }
            }
            #expect(codes == [nil, .resourceExhausted])
            try await gateway.call(method, [], TestPerson.young.options)
        }
    }

    @Test(arguments: RPCError.Code.allCases, [true, false])
    func aServicesErrorsPassUnchanged(_ code: RPCError.Code, _ isNotProcessed: Bool) async throws {
        let error = RPCError(
            code,
            "Élan: réessayez.",
            details: [
                RPCError.Detail(type: "passemploi.test.A", value: [0, 0xFF]),
                RPCError.Detail(type: "passemploi.test.B", value: []),
            ],
            retryAfter: .milliseconds(1_500),
            isNotProcessed: isNotProcessed,
            metadata: ["where": "there"]
        )
        try await withGateway { gateway in
            gateway.backend.fail(method.path, error)
            // What may be tried again comes at once where there is no time to come back.
            let metadata = TestPerson.young.options.metadata
            let options = CallOptions(timeout: .seconds(1), metadata: metadata)
            await #expect(throws: error) {
                try await gateway.call(method, [], options)
            }
        }
    }
}

/// The door over a service with one method of each streaming kind.
@Suite struct StreamPassThroughTests {
    private static let names: [(String, CallKind)] = [
        ("Tell", .serverStream), ("Collect", .clientStream), ("Talk", .bidirectional),
    ]
    private static let schema = ServiceDescriptor(
        name: "test.Streams",
        methods: names.map { name, kind in
            MethodDescriptor(
                service: "test.Streams",
                name: name,
                kind: kind,
                roles: ["YOUNG_PERSON"],
                peers: [],
                isIdempotent: true,
                timeout: .seconds(30),
                request: Change.self,
                response: Change.self
            )
        },
        files: []
    )
    private static let fault = RPCError(.aborted, "Enough.", retryAfter: .seconds(2))

    /// Runs `body` with a client of a gateway before a service that answers with what it gets;
    /// a message of a single 0 makes it fail, and one of a single 1 wait for ever.
    private func withStreams(
        ended: AsyncStream<Void>.Continuation? = nil,
        _ body: (RPCClient) async throws -> Void
    ) async throws {
        let service = ForwardedService(
            Self.schema,
            methods: Self.schema.methods.map { method in
                RPCMethod.rawStream(method) { requests, responses, call in
                    guard call.metadata[PersonHeaders.id] == TestPerson.young.id else {
                        throw RPCError(.permissionDenied, "Nobody.")
                    }
                    var all: [UInt8] = []
                    for try await request in requests {
                        let message = try bytes(of: request)
                        if message == [0] { throw Self.fault }
                        if message == [1] {
                            defer { ended?.finish() }
                            try await responses.write(request)
                            try await Pulse().wait()
                        }
                        if method.kind.serverStreams { try await responses.write(request) }
                        all += message
                    }
                    return method.kind.serverStreams ? nil : try payload(all)
                }
            }
        )
        let backend = Backend()
        try await withInProcessServer(backend.services + [service]) { services in
            let clock = TestClock()
            let door = Door(
                sessions: Sessions(accounts: AccountsClient(services)) { clock.now },
                clients: ["streams": services]
            )
            let methods = door.methods(of: Self.schema, service: "streams")
            let all = [ForwardedService(Self.schema, methods: methods)]
            try await withInProcessServer(all, peer: .anonymous) { try await body($0) }
        }
    }

    private func exchange(
        _ client: RPCClient,
        _ name: String,
        _ messages: [[UInt8]],
        finishing: Bool = true,
        _ options: CallOptions = TestPerson.young.options
    ) async throws -> [[UInt8]] {
        let method = try #require(Self.schema.methods.first { $0.name == name })
        let streams = method.kind.clientStreams
        return try await client.rawStream(
            method,
            first: streams ? nil : payload(messages.first ?? []),
            options: options
        ) { writer, answers in
            var told: [[UInt8]] = []
            if streams {
                for message in messages { try await writer.write(payload(message)) }
                if finishing { writer.finish() }
            }
            for try await answer in answers { told.append(try bytes(of: answer)) }
            return told
        }
    }

    @Test func eachKindOfStreamPassesThrough() async throws {
        try await withStreams { client in
            let told = try await exchange(client, "Tell", [[7, 8]])
            #expect(told == [[7, 8]])
            let collected = try await exchange(client, "Collect", [[2], [3, 4], []])
            #expect(collected == [[2, 3, 4]])
            let many = (0..<500).map { [2, UInt8($0 & 0xFF)] }
            let talked = try await exchange(client, "Talk", many)
            #expect(talked == many)
        }
    }

    @Test func anErrorInTheMiddlePassesUnchangedWhileTheClientStillSends() async throws {
        try await withStreams { client in
            for name in ["Collect", "Talk"] {
                await #expect(throws: Self.fault) {
                    try await exchange(client, name, [[2], [0]], finishing: false)
                }
            }
            await #expect(throws: Self.fault) { try await exchange(client, "Tell", [[0]]) }
        }
    }

    @Test func streamsAreForTheirRolesToo() async throws {
        try await withStreams { client in
            for (name, _) in Self.names {
                let denied = await #expect(throws: RPCError.self) {
                    try await exchange(client, name, [], TestPerson.counsellor.options)
                }
                #expect(denied?.code == .permissionDenied)
                let unknown = await #expect(throws: RPCError.self) {
                    try await exchange(client, name, [], CallOptions())
                }
                #expect(unknown?.code == .unauthenticated)
            }
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["Tell", "Talk"])
    func aClientThatLeavesEndsTheCallInTheService(_ name: String) async throws {
        let (ended, end) = AsyncStream<Void>.makeStream()
        try await withStreams(ended: end) { client in
            let method = try #require(Self.schema.methods.first { $0.name == name })
            try await client.rawStream(
                method,
                first: payload([1]),
                options: TestPerson.young.options
            ) { _, answers in
                for try await _ in answers { return }
            }
            for await _ in ended {}
        }
    }
}
