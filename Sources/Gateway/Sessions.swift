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
        let expires: Timestamp

        /// Nobody in particular, for what is open to all.
        static let visitor = Person(
            caller: .visitor,
            sessionID: "",
            expires: Timestamp(milliseconds: .max)
        )
    }

    /// The error for a session that is not open any more.
    static let over = RPCError(.unauthenticated, "The session has ended; sign in again.")

    private struct Entry {
        let person: Person
        let forgottenAt: Timestamp
    }

    private struct Generation {
        var entries: [String: Entry] = [:]
        /// The token of each session, so that an ended one is found without a search.
        var tokens: [String: String] = [:]

        mutating func insert(_ entry: Entry, under token: String) {
            entries[token] = entry
            tokens[entry.person.sessionID] = token
        }

        mutating func remove(token: String) -> Entry? {
            guard let entry = entries.removeValue(forKey: token) else { return nil }
            tokens[entry.person.sessionID] = nil
            return entry
        }

        mutating func remove(sessionID: String) {
            guard let token = tokens.removeValue(forKey: sessionID) else { return }
            entries[token] = nil
        }
    }

    /// Two generations: when the young one is full the old one is dropped, so that sessions in use
    /// stay and memory has a bound.
    private struct Cache {
        var young = Generation()
        var old = Generation()
        /// Sessions that ended lately, in order: an answer of accounts that was under way meanwhile
        /// must not bring them back.
        var ended: Set<String> = []
        var endedInOrder = CircularBuffer<String>()
    }

    /// Far more than can end while one answer of accounts is under way.
    private static let endedMax = 10_000
    private static let rememberedFor = Duration.seconds(60)
    /// Longer than any token that accounts gives out.
    private static let tokenBytesMax = 256

    private let accounts: AccountsClient
    private let now: @Sendable () -> Timestamp
    private let generationMax: Int
    private let cache = Mutex(Cache())

    /// Twice `generationMax` sessions are remembered at most: by default some 50 MiB.
    init(
        accounts: AccountsClient,
        generationMax: Int = 50_000,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.accounts = accounts
        self.generationMax = generationMax
        self.now = now
    }

    /// The person behind a call's `authorization` metadata; `nil` if the call carries none.
    ///
    /// - Throws: UNAUTHENTICATED for a token that is malformed, unknown, ended or too old;
    ///   UNAVAILABLE if accounts cannot be asked.
    func person(of metadata: Metadata) async throws -> Person? {
        guard metadata.pairs.contains(where: { $0.key == "authorization" }) else { return nil }
        guard let token = Self.token(in: metadata["authorization"] ?? "") else {
            throw RPCError(
                .unauthenticated,
                "The authorization metadata must be \"Bearer \" and a session token."
            )
        }
        if let known = recall(token) { return known }
        let session = try await accounts.checkSession(CheckSessionRequest(token: token))
        let person = Person(
            caller: try Self.caller(session),
            sessionID: session.sessionID,
            expires: Timestamp(milliseconds: session.expiresMs)
        )
        remember(token, person)
        return person
    }

    /// Forgets a session that accounts says has ended.
    func forget(sessionID: String) {
        cache.withLock { cache in
            cache.young.remove(sessionID: sessionID)
            cache.old.remove(sessionID: sessionID)
            guard cache.ended.insert(sessionID).inserted else { return }
            cache.endedInOrder.append(sessionID)
            if cache.endedInOrder.count > Self.endedMax {
                cache.ended.remove(cache.endedInOrder.removeFirst())
            }
        }
    }

    /// Whether a person's session has ended, as far as is known here without asking.
    func isOver(_ person: Person) -> Bool {
        person.expires <= now() || cache.withLock { $0.ended.contains(person.sessionID) }
    }

    /// How many sessions are remembered.
    var count: Int {
        cache.withLock { $0.young.entries.count + $0.old.entries.count }
    }

    private func recall(_ token: String) -> Person? {
        let now = now()
        return cache.withLock { cache in
            if let entry = cache.young.entries[token] {
                return entry.forgottenAt > now ? entry.person : nil
            }
            guard let entry = cache.old.remove(token: token), entry.forgottenAt > now else {
                return nil
            }
            insert(entry, under: token, in: &cache)
            return entry.person
        }
    }

    private func remember(_ token: String, _ person: Person) {
        let entry = Entry(
            person: person,
            forgottenAt: min(person.expires, now() + Self.rememberedFor)
        )
        cache.withLock { cache in
            guard !cache.ended.contains(person.sessionID) else { return }
            insert(entry, under: token, in: &cache)
        }
    }

    private func insert(_ entry: Entry, under token: String, in cache: inout Cache) {
        if cache.young.entries.count >= generationMax {
            cache.old = cache.young
            cache.young = Generation()
        }
        cache.young.insert(entry, under: token)
    }

    /// The token in `authorization` metadata; `nil` if there cannot be one in it.
    private static func token(in header: String) -> String? {
        let prefix = "Bearer "
        let token = header.dropFirst(prefix.count)
        // Visible ASCII: what else a client sends is no token, and might not even be encodable.
        guard header.hasPrefix(prefix), !token.isEmpty, header.utf8.count <= tokenBytesMax,
            token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return String(token)
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
