import Contracts
import RPC
import ServiceKit
import Storage

@testable import Gateway

/// A gateway that follows five real feeds, each of its own database and server.
struct LiveScene: Sendable {
    let live: LiveClient
    let gates: [String: FeedGate]
    let pulse: Pulse
    let backend: Backend
    let clock: TestClock
    let hub: LiveHub

    func gate(_ source: String) throws -> FeedGate {
        guard let gate = gates[source] else { throw RPCError(.notFound, source) }
        return gate
    }

    /// Adds changes to a feed, all in one transaction.
    func append(_ source: String, _ changes: [(kind: String, people: [TestPerson])]) async throws {
        try await LiveScene.append(try gate(source).database, changes)
    }

    static func append(
        _ database: Database,
        _ changes: [(kind: String, people: [TestPerson])]
    ) async throws {
        let now = TestClock().now
        try await database.write { transaction in
            for (kind, people) in changes {
                let young = people.first { $0 == .young || $0 == .otherYoung }
                let counsellor = people.first { $0 == .counsellor || $0 == .otherCounsellor }
                _ = try transaction.append(
                    kind: kind,
                    youngPersonID: young?.id ?? "",
                    counsellorID: counsellor?.id ?? "",
                    body: Array(kind.utf8),
                    at: now
                )
            }
        }
    }

    func append(_ source: String, _ kinds: [String], to person: TestPerson = .young) async throws {
        try await append(source, kinds.map { ($0, [person]) })
    }

    /// Watches as `person` from `cursor` on, until `body` has seen enough.
    func watch<Result>(
        _ person: TestPerson = .young,
        from cursor: String = "",
        _ body: (inout EventReader) async throws -> Result
    ) async throws -> Result {
        try await live.watch(WatchLiveRequest(cursor: cursor), options: person.options) { stream in
            var reader = EventReader(events: stream.makeAsyncIterator())
            return try await body(&reader)
        }
    }

    /// A cursor with a place in every feed: waits until the hub has reached them all, and those in
    /// `least` at least so far.
    func cursor(
        _ person: TestPerson = .young,
        of sources: [String] = LiveHub.sources,
        at least: [String: UInt64] = [:]
    ) async throws
        -> String
    {
        try await watch(person) { reader in
            try await pulse.beating {
                while true {
                    let cursor = try await reader.next().cursor
                    let positions = try LiveCursor.decode(cursor)
                    let isThere = least.allSatisfy { positions[$0.key, default: 0] >= $0.value }
                    if isThere, Set(positions.keys) == Set(sources) { return cursor }
                }
            }
        }
    }
}

/// Reads a live stream event by event.
struct EventReader {
    var events: ResponseStream<LiveEvent>.Iterator

    mutating func next() async throws -> LiveEvent {
        guard let event = try await events.next() else {
            throw RPCError(.outOfRange, "The stream ended well, which it never should.")
        }
        return event
    }

    /// The next event with a change.
    mutating func change() async throws -> LiveEvent {
        while true {
            let event = try await next()
            if event.change != nil { return event }
        }
    }

    /// The kinds of the next changes.
    mutating func kinds(_ count: Int) async throws -> [String] {
        var kinds: [String] = []
        while kinds.count < count { kinds.append(try await change().change?.kind ?? "") }
        return kinds
    }
}

/// Runs `body` against a gateway that follows five feeds; `down` are those whose service is not
/// there at start.
func withLive(down: [String] = [], _ body: (LiveScene) async throws -> Void) async throws {
    let backend = Backend()
    let gates = try Dictionary(
        uniqueKeysWithValues: LiveHub.sources.map { source in
            (source, FeedGate(try Database.inMemory(migrations: [])))
        }
    )
    for source in down { gates[source]?.goDown() }
    try await withInProcessServer(backend.services) { services in
        try await withFeeds(gates, LiveHub.sources[...], [:]) { feeds in
            let clock = TestClock()
            let sessions = Sessions(accounts: AccountsClient(services)) { clock.now }
            let hub = LiveHub(logger: quiet) { sessions.forget(sessionID: $0) }
            let pulse = Pulse()
            let live = LiveService(hub: hub, feeds: feeds, sessions: sessions) { _ in
                try await pulse.wait()
            }
            let all = gatewayServices(services, sessions: sessions, live: live, clock: clock)
            let backoff = Backoff(first: .milliseconds(1), most: .milliseconds(5)) { 0 }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (source, feed) in feeds {
                    group.addTask { await hub.follow(source, through: feed, backoff: backoff) }
                }
                defer { group.cancelAll() }
                try await withInProcessServer(all, peer: .anonymous) { client in
                    try await body(
                        LiveScene(
                            live: LiveClient(client),
                            gates: gates,
                            pulse: pulse,
                            backend: backend,
                            clock: clock,
                            hub: hub
                        )
                    )
                }
            }
        }
    }
}

/// One server per feed, since all have the same method.
private func withFeeds(
    _ gates: [String: FeedGate],
    _ sources: ArraySlice<String>,
    _ feeds: [String: FeedClient],
    _ body: ([String: FeedClient]) async throws -> Void
) async throws {
    guard let source = sources.first, let gate = gates[source] else { return try await body(feeds) }
    try await withInProcessServer([gate]) { client in
        var feeds = feeds
        feeds[source] = FeedClient(client)
        try await withFeeds(gates, sources.dropFirst(), feeds, body)
    }
}
