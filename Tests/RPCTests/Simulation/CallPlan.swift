import NIOCore

@testable import RPC

/// What the two ends of one call will do, each in its own time.
struct CallPlan {
    /// What a handler does, one step after the other.
    enum HandlerStep {
        /// Take the next message, or learn that none is left; waits for it.
        case read
        /// Take all messages up to the end.
        case readToEnd
        /// Send a message of so many bytes; waits for credit.
        case write(Int)
    }

    let kind: CallKind
    /// Whether the call has no time limit, at neither end.
    let isEndless: Bool
    /// The sizes of the client's messages; a unary call and a server stream have one.
    let requests: [Int]
    /// Whether the first of them comes with REQUEST.
    let firstInRequest: Bool
    /// Whether END comes with the last of them.
    let endsWithLast: Bool
    let handler: [HandlerStep]
    /// The status of the answer, 0 for OK.
    let code: UInt32
    /// The size of the message in RESPONSE, if it has one; kinds with one answer do if all is OK.
    let lastResponse: Int?
    /// The client's time limit in milliseconds.
    let timeout: Int?
    /// Whether the server's rules refuse the call before its handler.
    let isRefused: Bool
    /// After how many messages read the client gives up.
    let cancelsAfter: Int?

    /// The sizes of the messages that the handler sends before its answer.
    var responses: [Int] {
        handler.compactMap { step in
            if case .write(let size) = step { size } else { nil }
        }
    }

    init(_ random: inout SeededRandom, _ setting: SimulationSetting) {
        kind = [.unary, .serverStream, .clientStream, .bidirectional][random.below(4)]
        isEndless = !kind.clientStreams && kind.serverStreams && random.chance(20)
        let count = kind.clientStreams ? random.below(6) : 1
        requests = (0..<count).map { _ in setting.size(&random) }
        firstInRequest = !kind.clientStreams || count > 0 && random.chance(50)
        endsWithLast = !kind.clientStreams || count > 0 && random.chance(30)
        handler = Self.steps(kind, &random, setting)
        code = random.chance(75) ? 0 : [1, 5, 7, 13, 14][random.below(5)]
        if code != 0 {
            lastResponse = nil
        } else if kind.serverStreams {
            lastResponse = random.chance(20) ? setting.size(&random) : nil
        } else {
            lastResponse = setting.size(&random)
        }
        timeout =
            isEndless || random.chance(60) ? nil : random.within(1...(setting.hasTime ? 9_000 : 90))
        isRefused = random.chance(4)
        cancelsAfter = random.chance(15) ? random.below(3) : nil
    }

    private static func steps(
        _ kind: CallKind,
        _ random: inout SeededRandom,
        _ setting: SimulationSetting
    ) -> [HandlerStep] {
        var steps: [HandlerStep] = []
        for _ in 0..<random.below(7) {
            if kind.clientStreams, random.chance(50) {
                steps.append(.read)
            } else if kind.serverStreams {
                steps.append(.write(setting.size(&random)))
            }
        }
        if kind.clientStreams, random.chance(70) {
            steps.insert(.readToEnd, at: random.below(steps.count + 1))
        }
        return steps
    }
}

/// What holds for a whole run: who announces what, and what goes wrong.
struct SimulationSetting {
    /// Both windows are small, and known to both before the first call.
    let isSmall: Bool
    let client: Announcement
    let server: Announcement
    let calls: Int
    let steps: Int
    /// Whether time takes leaps, in which limits run out.
    let hasTime: Bool
    /// At which step the connection is cut, or one end killed, or the server begins to stop.
    let mishap: Mishap?
    let mishapStep: Int

    enum Mishap: CaseIterable {
        case cut
        case clientDies
        case serverDies
        case drain
    }

    init(_ random: inout SeededRandom) {
        isSmall = random.chance(75)
        if isSmall {
            client = Announcement(streams: 1, windowBytes: random.within(1...2_000))
            server = Announcement(
                streams: random.within(1...8),
                windowBytes: random.within(1...2_000)
            )
        } else {
            let window = Limits.windowBytesDefault
            client = Announcement(windowBytes: window + random.below(2) * random.below(window))
            server = Announcement(
                streams: random.within(1...40),
                windowBytes: window + random.below(2) * random.below(window)
            )
        }
        calls = random.within(1...12)
        steps = random.within(20...300)
        hasTime = random.chance(30)
        mishap = random.chance(50) ? Mishap.allCases[random.below(4)] : nil
        mishapStep = random.below(steps)
    }

    /// The size of a message.
    func size(_ random: inout SeededRandom) -> Int {
        if random.chance(15) { return 0 }
        if isSmall { return random.below(random.chance(80) ? 300 : 4_000) }
        return random.below(random.chance(80) ? 500 : 150_000)
    }

    /// The methods that the plans call: each kind with a time limit, and a stream without.
    static let methods = MethodTable([
        .unary(method("Unary", .unary)) { request, _ in request },
        .serverStream(method("ServerStream", .serverStream)) { _, _, _ in },
        .serverStream(method("Endless", .serverStream, timeout: nil)) { _, _, _ in },
        .clientStream(method("ClientStream", .clientStream)) { _, _ in EchoMessage() },
        .bidirectional(method("Bidi", .bidirectional)) { _, _, _ in },
    ])

    /// The path of the method that a plan calls.
    static func path(_ plan: CallPlan) -> String {
        let name =
            switch plan.kind {
            case .unary: "Unary"
            case .serverStream: plan.isEndless ? "Endless" : "ServerStream"
            case .clientStream: "ClientStream"
            case .bidirectional: "Bidi"
            }
        return "simulation/\(name)"
    }

    private static func method(
        _ name: String,
        _ kind: CallKind,
        timeout: Duration? = .seconds(5)
    ) -> Method<EchoMessage, EchoMessage> {
        Method(
            service: "simulation",
            name: name,
            kind: kind,
            roles: [],
            peers: [],
            isIdempotent: false,
            timeout: timeout
        )
    }
}
