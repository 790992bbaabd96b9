import Contracts
import NIOCore
import RPC
import ServiceKit
import Storage
import Synchronization

/// Who a session token belongs to, asked of accounts once and then remembered.
///
/// A remembered session is forgotten when accounts' feed says that it ended, when it is too old,
/// and when it was remembered for `rememberedFor`: the longest for which an ended session may
/// still work while accounts' feed is out of reach.
final class Sessions: Sendable {
    /// A person with an open session.
    struct Person: Sendable, Equatable {
        let caller: Caller
        let sessionID: String
    }

    private struct Entry {
        let person: Person
        let forgottenAt: Timestamp
    }

    /// Two generations: when the young one is full the old one is dropped, so that sessions in use
    /// stay and memory has a bound.
    private struct Cache {
        var young: [String: Entry] = [:]
        var old: [String: Entry] = [:]
        /// Sessions that ended lately: an answer of accounts that was under way meanwhile must not
        /// bring them back.
        var ended: [String] = []
    }

    /// Twice this many sessions are remembered at most: some 30 MiB.
    private static let generationMax = 50_000
    private static let endedMax = 1_000
    private static let rememberedFor = Duration.seconds(60)
    /// Longer than any token that accounts gives out.
    private static let tokenBytesMax = 256

    private let accounts: AccountsClient
    private let now: @Sendable () -> Timestamp
    private let cache = Mutex(Cache())

    init(accounts: AccountsClient, now: @escaping @Sendable () -> Timestamp) {
        self.accounts = accounts
        self.now = now
    }

    /// The person behind a call's `authorization` metadata; `nil` if the call carries none.
    ///
    /// - Throws: UNAUTHENTICATED for a token that is malformed, unknown, ended or too old;
    ///   UNAVAILABLE if accounts cannot be asked.
    func person(of metadata: Metadata) async throws -> Person? {
        guard let header = metadata["authorization"] else { return nil }
        let prefix = "Bearer "
        guard header.hasPrefix(prefix), header.utf8.count <= Self.tokenBytesMax else {
            throw RPCError(
                .unauthenticated,
                "The authorization metadata must be \"Bearer \" and a session token."
            )
        }
        let token = String(header.dropFirst(prefix.count))
        if let known = recall(token) { return known }
        let session = try await accounts.checkSession(CheckSessionRequest(token: token))
        let person = Person(
            caller: try Self.caller(session),
            sessionID: session.sessionID
        )
        remember(token, person, until: Timestamp(milliseconds: session.expiresMs))
        return person
    }

    /// Forgets a session that accounts says has ended.
    func forget(sessionID: String) {
        cache.withLock { cache in
            cache.young = cache.young.filter { $0.value.person.sessionID != sessionID }
            cache.old = cache.old.filter { $0.value.person.sessionID != sessionID }
            cache.ended.append(sessionID)
            if cache.ended.count > Self.endedMax { cache.ended.removeFirst() }
        }
    }

    private func recall(_ token: String) -> Person? {
        let now = now()
        return cache.withLock { cache in
            if let entry = cache.young[token] {
                return entry.forgottenAt > now ? entry.person : nil
            }
            guard let entry = cache.old.removeValue(forKey: token), entry.forgottenAt > now else {
                return nil
            }
            Self.insert(entry, under: token, in: &cache)
            return entry.person
        }
    }

    private func remember(_ token: String, _ person: Person, until expiry: Timestamp) {
        let entry = Entry(person: person, forgottenAt: min(expiry, now() + Self.rememberedFor))
        cache.withLock { cache in
            guard !cache.ended.contains(person.sessionID) else { return }
            Self.insert(entry, under: token, in: &cache)
        }
    }

    private static func insert(_ entry: Entry, under token: String, in cache: inout Cache) {
        if cache.young.count >= generationMax {
            cache.old = cache.young
            cache.young = [:]
        }
        cache.young[token] = entry
    }

    private static func caller(_ session: CheckSessionResponse) throws -> Caller {
        switch session.role {
        case .youngPerson: .youngPerson(session.personID)
        case .counsellor: .counsellor(session.personID)
        case .supervisor: .supervisor(session.personID)
        case .unspecified, .operator, .public, .unrecognized:
            throw RPCError(.unauthenticated, "This account cannot sign in here.")
        }
    }
}
