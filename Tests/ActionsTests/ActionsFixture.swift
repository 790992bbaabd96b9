import Contracts
import RPC
import ServiceKit
import Storage
import Synchronization

@testable import Actions

/// The service over the in-process transport, on an empty database with one caseload.
struct ActionsFixture: Sendable {
    static let counsellorID = "0190b6e0-0000-7000-8000-0000000000c1"
    static let strangerID = "0190b6e0-0000-7000-8000-0000000000c2"
    static let personID = "0190b6e0-0000-7000-8000-0000000000a1"
    static let otherID = "0190b6e0-0000-7000-8000-0000000000a2"
    static let foreignID = "0190b6e0-0000-7000-8000-0000000000a3"

    let client: ActionsClient
    let database: Database
    let clock: TestClock

    /// Options of a call for a person.
    static func asCounsellor(_ id: String = counsellorID) -> CallOptions {
        CallOptions(metadata: PersonHeaders.metadata(for: .counsellor(id)))
    }

    static func asPerson(_ id: String = personID) -> CallOptions {
        CallOptions(metadata: PersonHeaders.metadata(for: .youngPerson(id)))
    }

    func assign(
        _ content: ActionContent,
        id: String = ActionsFixture.id(1),
        to person: String = ActionsFixture.personID
    ) async throws -> Action {
        let answer = try await client.assignAction(
            AssignActionRequest(
                assignments: [Assignment(id: id, youngPersonID: person)],
                content: content
            ),
            options: Self.asCounsellor()
        )
        return answer.actions[0]
    }

    /// Ids that differ by a number.
    static func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "0190b6e0-0000-7000-9000-" + String(repeating: "0", count: 12 - digits.count)
            + digits
    }
}

/// A clock that tests move.
final class TestClock: Sendable {
    private let time: Mutex<Timestamp>

    /// Stands at 24 November 2026, 10:00 UTC, a Tuesday.
    init(_ milliseconds: Int64 = 1_795_514_400_000) {
        time = Mutex(Timestamp(milliseconds: milliseconds))
    }

    var now: Timestamp { time.withLock { $0 } }

    func move(days: Int) {
        time.withLock { $0 = $0 + .seconds(days * 86_400) }
    }
}

/// Runs `body` against the real service, as the gateway would reach it.
func withActions(_ body: (ActionsFixture) async throws -> Void) async throws {
    let database = try Database.inMemory(migrations: ActionsSchema.migrations)
    let clock = TestClock()
    try await database.write { transaction in
        for change in caseload() { try Caseload.apply(change, in: transaction) }
    }
    let service = ActionsService(database: database) { clock.now }
    try await withInProcessServer(
        [service],
        configuration: RPCServerConfiguration(
            instance: "actions",
            authorize: { try Authorization().check($0) }
        )
    ) { client in
        try await body(
            ActionsFixture(client: ActionsClient(client), database: database, clock: clock)
        )
    }
}

private func caseload() -> [Change] {
    let structure = Structure(id: ActionsFixture.id(900), name: "S", timeZone: "Europe/Paris")
    func person(_ id: String, _ counsellor: String) -> YoungPersonChanged {
        YoungPersonChanged(
            youngPerson: Person(
                id: id,
                role: .youngPerson,
                firstName: "A",
                lastName: "B",
                structure: structure,
                counsellorID: counsellor
            )
        )
    }
    let bodies: [any ProtobufMessage] = [
        StructureChanged(structure: structure),
        person(ActionsFixture.personID, ActionsFixture.counsellorID),
        person(ActionsFixture.otherID, ActionsFixture.counsellorID),
        person(ActionsFixture.foreignID, ActionsFixture.strangerID),
    ]
    return bodies.enumerated().compactMap { index, body in
        guard let bytes = try? body.serializedBytes() else { return nil }
        return Change(
            sequence: UInt64(index + 1),
            kind: type(of: body).fullName,
            body: bytes
        )
    }
}
