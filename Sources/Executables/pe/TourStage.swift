import ClientKit
import Contracts
import Foundation
import RPC
import Synchronization

/// One of the two people of a tour, signed in.
struct TourPerson: Sendable {
    let person: Person
    let label: String
    let options: CallOptions
}

/// Both people of a tour, the system they use, and what they saw live.
struct TourStage: Sendable {
    let counsellor: TourPerson
    let youngPerson: TourPerson
    let accounts: AccountsClient
    let messaging: MessagingClient
    let agenda: AgendaClient
    let actionsClient: ActionsClient
    let offersClient: OffersClient
    let home: HomeClient
    let live: LiveClient
    let events = TourEvents()

    /// Signs both in.
    init(_ client: RPCClient, _ demonstration: DemonstrationAccounts) async throws {
        accounts = AccountsClient(client)
        messaging = MessagingClient(client)
        agenda = AgendaClient(client)
        actionsClient = ActionsClient(client)
        offersClient = OffersClient(client)
        home = HomeClient(client)
        live = LiveClient(client)
        print("Signing in")
        counsellor = try await Self.signIn(demonstration.counsellor, "counsellor", accounts)
        youngPerson = try await Self.signIn(demonstration.youngPerson, "young person", accounts)
        let sessions = try await accounts.listSessions(
            ListSessionsRequest(),
            options: youngPerson.options
        )
        try expect(sessions.sessions.contains(where: \.current), "the session is listed as current")
        let caseload = try await accounts.listCaseload(
            ListCaseloadRequest(),
            options: counsellor.options
        )
        let id = youngPerson.person.id
        try expect(
            caseload.youngPeople.contains { $0.id == id },
            "the young person is in the counsellor's caseload"
        )
    }

    private static func signIn(
        _ account: DemonstrationAccounts.Account,
        _ label: String,
        _ accounts: AccountsClient
    ) async throws -> TourPerson {
        let answer = try await accounts.signIn(
            SignInRequest(email: account.email, password: account.password, device: "pe tour")
        )
        guard let person = answer.person else {
            throw Failure.Message("The sign-in of \(account.email) answered no person.")
        }
        print("  \(label): \(person.firstName) \(person.lastName), \(person.structure?.name ?? "")")
        return TourPerson(
            person: person,
            label: label,
            options: CallOptions(metadata: SessionFile.authorization(answer.token))
        )
    }

    /// Signs both out; their tokens must be worth nothing afterwards.
    func leave() async throws {
        print("Signing out")
        for person in [counsellor, youngPerson] {
            _ = try await accounts.signOut(SignOutRequest(), options: person.options)
            do {
                _ = try await accounts.getMe(GetMeRequest(), options: person.options)
                throw Failure.Message(
                    "The \(person.label)'s session still works after signing out."
                )
            } catch let error as RPCError where error.code == .unauthenticated {
                print("  \(person.label): signed out")
            }
        }
    }

    /// Runs `body` while both people's live streams are open.
    func watchingLive(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for person in [counsellor, youngPerson] {
                group.addTask {
                    try await live.watch(WatchLiveRequest(), options: person.options) { stream in
                        for try await event in stream { events.add(event, of: person.label) }
                    }
                }
            }
            for person in [counsellor, youngPerson] {
                try await until("the \(person.label)'s live stream is open") {
                    events.isOpen(person.label)
                }
            }
            try await body()
            group.cancelAll()
        }
    }

    /// Waits until an event of a kind about `subject` has come to a person live.
    func sees<Body: ProtobufMessage>(
        _ person: TourPerson,
        _ type: Body.Type,
        _ what: String,
        _ isIt: (Body) -> Bool
    ) async throws {
        try await until("the \(person.label) is told live: \(what)") {
            events.bodies(type, of: person.label).contains(where: isIt)
        }
        print("  \(person.label) was told at once: \(what)")
    }

    /// Waits up to five seconds for something that another process brings about.
    func until(_ what: String, _ isSo: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(5)
        while try await !isSo() {
            guard ContinuousClock.now < end else {
                throw Failure.Message("Not seen within 5 s: \(what).")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Ends the tour if something is not as it should be.
    func expect(_ isSo: Bool, _ what: String) throws {
        guard isSo else { throw Failure.Message("Not seen: \(what).") }
    }

    /// A new id, as any client makes one.
    static func newID() -> String { UUID().uuidString.lowercased() }
}

/// What came over the live streams.
final class TourEvents: Sendable {
    private let events = Mutex<[String: [LiveEvent]]>([:])

    func add(_ event: LiveEvent, of label: String) {
        events.withLock { $0[label, default: []].append(event) }
    }

    func isOpen(_ label: String) -> Bool { events.withLock { $0[label] != nil } }

    func bodies<Body: ProtobufMessage>(_ type: Body.Type, of label: String) -> [Body] {
        let changes = events.withLock { $0[label] ?? [] }.compactMap(\.change)
        return changes.filter { $0.kind == Body.fullName }
            .compactMap { try? Body(serializedBytes: $0.body) }
    }
}
