@testable import Accounts
import Contracts
import RPC
import ServiceKit
import Storage
import Synchronization

/// A clock that a test moves.
final class MovableClock: Sendable {
    private let state: Mutex<Timestamp>

    init(_ start: Timestamp) { state = Mutex(start) }

    var now: Timestamp { state.withLock { $0 } }

    func move(by duration: Duration) { state.withLock { $0 = $0 + duration } }

    func set(_ now: Timestamp) { state.withLock { $0 = now } }
}

/// Bytes that differ from call to call and are the same in every run.
///
/// Source: S. Vigna, SplitMix64.
final class RepeatableRandom: Sendable {
    private let state = Mutex<UInt64>(1)

    func next() -> UInt64 {
        state.withLock { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}

/// The real service over the in-process transport: one client as the gateway, one as the operator.
struct AccountsHarness: Sendable {
    static let structure = "00000000-0000-7000-8000-000000000051"
    static let counsellor = "00000000-0000-7000-8000-0000000000c1"
    static let otherCounsellor = "00000000-0000-7000-8000-0000000000c2"
    static let youngPerson = "00000000-0000-7000-8000-0000000000a1"
    static let othersYoungPerson = "00000000-0000-7000-8000-0000000000a2"
    /// Tuesday 24 November 2026, 09:00 UTC.
    static let start = Timestamp(milliseconds: 1_795_510_800_000)
    static let password = "correct horse battery"

    let database: Database
    let clock: MovableClock
    let gateway: AccountsClient
    let operators: AccountsClient

    /// A structure, two counsellors and a young person of each.
    static let people = """
        kind,id,name,first_name,last_name,email,time_zone,structure,counsellor
        structure,\(structure),Mission locale,,,,Europe/Paris,,
        counsellor,\(counsellor),,Claude,Un,c1@example.org,,Mission locale,
        counsellor,\(otherCounsellor),,Dominique,Deux,c2@example.org,,\(structure),
        young_person,\(youngPerson),,Alix,Jeune,a1@example.org,,Mission locale,c1@example.org
        young_person,\(othersYoungPerson),,Sacha,Jeune,a2@example.org,,,\(otherCounsellor)
        """

    /// The gateway's client, for a signed-in person.
    func options(_ caller: Caller, session: String = "") -> CallOptions {
        CallOptions(metadata: PersonHeaders.metadata(for: caller, sessionID: session))
    }

    /// Sends a file as the operator, in pieces of so many bytes.
    @discardableResult
    func load(_ csv: String, pieceBytes: Int = 100_000) async throws -> ImportPeopleResponse {
        try await load(Array(csv.utf8), pieceBytes: pieceBytes)
    }

    @discardableResult
    func load(_ bytes: [UInt8], pieceBytes: Int = 100_000) async throws -> ImportPeopleResponse {
        try await operators.importPeople { writer in
            for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
                let piece = bytes[start..<min(start + pieceBytes, bytes.count)]
                try await writer.write(ImportPeopleRequest(csv: Array(piece)))
            }
        }
    }

    /// A new activation code, as the operator makes it.
    func code(for personID: String) async throws -> String {
        try await operators.renewActivationCode(RenewActivationCodeRequest(personID: personID))
            .activationCode
    }

    /// Gives someone the password of the tests; their first session comes with it.
    @discardableResult
    func activate(_ personID: String, email: String) async throws -> SignInResponse {
        try await gateway.activate(
            ActivateRequest(
                email: email,
                activationCode: try await code(for: personID),
                password: Self.password,
                device: "premier"
            )
        )
    }

    func signIn(
        _ email: String,
        _ password: String = password,
        device: String = ""
    ) async throws -> SignInResponse {
        try await gateway.signIn(SignInRequest(email: email, password: password, device: device))
    }

    func check(_ token: String) async throws -> CheckSessionResponse {
        try await gateway.checkSession(CheckSessionRequest(token: token))
    }

    /// The service's feed from its beginning.
    func feed() async throws -> [StoredChange] {
        var changes: [StoredChange] = []
        while true {
            let page = try await database.changes(
                after: changes.last?.sequence ?? 0,
                limit: 10_000
            )
            changes += page.changes
            if page.isAtHead { return changes }
        }
    }

    /// Everything stored, to see that nothing changed.
    func people() async throws -> [Person] {
        try await operators.listPeople(ListPeopleRequest(limit: 500)).people
    }
}

/// Costs that a test can afford.
let quickScrypt = Scrypt(log2N: 4, r: 1, p: 1)

/// Runs `body` against the service on `database`, by default an empty one in memory.
func withAccounts(
    on database: Database? = nil,
    clock: MovableClock = MovableClock(AccountsHarness.start),
    pool: HashPool = HashPool(workers: 2, waitingMax: 64),
    _ body: (AccountsHarness) async throws -> Void
) async throws {
    let database = try database ?? Database.inMemory(migrations: AccountsSchema.migrations)
    let random = RepeatableRandom()
    let service = AccountsService(
        database: database,
        hasher: PasswordHasher(pool: pool, scrypt: quickScrypt),
        ids: IDGenerator { random.next() },
        random: { random.bytes($0) },
        now: { clock.now }
    )
    let authorization = Authorization()
    let configuration = RPCServerConfiguration(
        instance: "accounts",
        authorize: { try authorization.check($0) }
    )
    func serve(
        to peer: String,
        _ body: (AccountsClient) async throws -> Void
    ) async throws {
        try await withInProcessServer(
            [service],
            peer: .service(peer),
            configuration: configuration
        ) { try await body(AccountsClient($0)) }
    }
    try await serve(to: "gateway") { gateway in
        try await serve(to: "operator") { operators in
            try await body(
                AccountsHarness(
                    database: database,
                    clock: clock,
                    gateway: gateway,
                    operators: operators
                )
            )
        }
    }
}

/// The same, with the people of `AccountsHarness.people`.
func withPeople(
    clock: MovableClock = MovableClock(AccountsHarness.start),
    pool: HashPool = HashPool(workers: 2, waitingMax: 64),
    _ body: (AccountsHarness) async throws -> Void
) async throws {
    try await withAccounts(clock: clock, pool: pool) { accounts in
        try await accounts.load(AccountsHarness.people)
        try await body(accounts)
    }
}

/// The error of a call that must fail.
func failure(_ body: () async throws -> some Any) async -> RPCError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? RPCError
    }
}
