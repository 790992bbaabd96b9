import Contracts
import Foundation
import RPC
import Synchronization
import Testing

extension ProcessTests {
    /// A crash at any moment loses nothing that was acknowledged and doubles nothing.
    @Suite struct KillTests {
        private static let kills = 20

        @Test func messagesSurviveTwentyKills() async throws {
            try await withSystem { system in
                try system.loadDemonstration()
                let stage = try await Stage(system)
                let log = SendLog()
                let events = LiveLog()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await stage.watch(events) }
                    // Ends when every sender has: what is listed then is all there will be.
                    try await withThrowingTaskGroup(of: Void.self) { senders in
                        for person in [stage.counsellor, stage.youngPerson] {
                            for _ in 0..<2 {
                                senders.addTask { await stage.send(as: person, log) }
                            }
                        }
                        defer { log.stop() }
                        for _ in 0..<Self.kills {
                            let before = log.acknowledged.count
                            try await eventually("messages go on", within: .seconds(30)) {
                                log.acknowledged.count >= before + 15
                            }
                            system.kill("messaging")
                            try system.start("messaging")
                        }
                    }
                    var listed: [MessageHistory.Entry] = []
                    try await eventually("the gateway reaches messaging", within: .seconds(20)) {
                        guard let entries = try? await stage.everything() else { return false }
                        listed = entries
                        return true
                    }
                    let history = MessageHistory(sent: log.sent, acknowledged: log.acknowledged)
                    #expect(history.faults(in: listed) == [])
                    #expect(listed.count >= Self.kills * 15)
                    try await eventually("live events of all \(listed.count) messages") {
                        events.sequences.count >= listed.count
                    }
                    #expect(events.sequences == (1...UInt64(listed.count)).map { $0 })
                    group.cancelAll()
                }
            }
        }
    }
}

/// What was sent and what was acknowledged.
final class SendLog: Sendable {
    private struct State {
        var sent: [String: String] = [:]
        var acknowledged: [MessageHistory.Entry] = []
        var isStopped = false
    }

    private let state = Mutex(State())

    var sent: [String: String] { state.withLock { $0.sent } }
    var acknowledged: [MessageHistory.Entry] { state.withLock { $0.acknowledged } }
    var isStopped: Bool { state.withLock { $0.isStopped } }

    func sending(_ id: String, _ text: String) { state.withLock { $0.sent[id] = text } }

    func stored(_ message: Message) {
        state.withLock {
            $0.acknowledged.append(
                .init(id: message.id, sequence: message.sequence, text: message.text)
            )
        }
    }

    func stop() { state.withLock { $0.isStopped = true } }
}

/// The positions of the messages that came live, in the order in which they came.
final class LiveLog: Sendable {
    private let state = Mutex<(cursor: String, sequences: [UInt64])>(("", []))

    var cursor: String { state.withLock { $0.cursor } }
    var sequences: [UInt64] { state.withLock { $0.sequences } }

    func add(_ event: LiveEvent) {
        state.withLock { state in
            state.cursor = event.cursor
            guard let change = event.change, change.kind == MessageSent.fullName,
                let sent = try? MessageSent(serializedBytes: change.body)
            else { return }
            state.sequences.append(sent.sequence)
        }
    }
}

/// The demonstration's two people on a running system.
struct Stage: Sendable {
    let client: RPCClient
    let counsellor: CallOptions
    let youngPerson: CallOptions
    let youngPersonID: String

    init(_ system: RunningSystem) async throws {
        client = try system.client(of: "gateway")
        let path = "\(system.directory)/demonstration.env"
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        var people: [(CallOptions, String)] = []
        for line in lines {
            let parts = line.drop { $0 != "=" }.dropFirst().split(separator: ":", maxSplits: 1)
            let answer = try await AccountsClient(client).signIn(
                SignInRequest(email: String(parts[0]), password: String(parts[1]))
            )
            let metadata: Metadata = ["authorization": "Bearer \(answer.token)"]
            people.append((CallOptions(metadata: metadata), answer.person?.id ?? ""))
        }
        counsellor = people[0].0
        youngPerson = people[1].0
        youngPersonID = people[1].1
    }

    /// Sends one message after the other until told to stop; each again, with the same id, until
    /// it is acknowledged.
    func send(as person: CallOptions, _ log: SendLog) async {
        let messaging = MessagingClient(client)
        while !log.isStopped {
            let id = UUID().uuidString.lowercased()
            let request = SendMessageRequest(
                id: id,
                youngPersonID: youngPersonID,
                text: "message \(id)"
            )
            log.sending(id, request.text)
            while !log.isStopped {
                if let stored = try? await messaging.sendMessage(request, options: person) {
                    log.stored(stored)
                    break
                }
                try? await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    /// Watches live as the counsellor; goes on from the last cursor whenever the stream ends.
    func watch(_ log: LiveLog) async {
        while !Task.isCancelled {
            try? await LiveClient(client).watch(
                WatchLiveRequest(cursor: log.cursor),
                options: counsellor
            ) { events in
                for try await event in events { log.add(event) }
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The whole conversation, as the young person pages through it.
    func everything() async throws -> [MessageHistory.Entry] {
        var entries: [MessageHistory.Entry] = []
        var before: UInt64 = 0
        while true {
            let page = try await MessagingClient(client).listMessages(
                ListMessagesRequest(youngPersonID: youngPersonID, before: before, limit: 200),
                options: youngPerson
            )
            entries += page.messages.map { .init(id: $0.id, sequence: $0.sequence, text: $0.text) }
            guard page.more, let last = page.messages.last else { return entries }
            before = last.sequence
        }
    }
}
