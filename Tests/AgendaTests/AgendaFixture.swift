@testable import Agenda
import Contracts
import RPC
import ServiceKit
import Storage
import Synchronization

/// A clock that shows what a test sets.
final class SettableClock: Sendable {
    private let state: Mutex<Timestamp>

    init(_ instant: Timestamp) {
        state = Mutex(instant)
    }

    var now: Timestamp { state.withLock { $0 } }

    func set(_ instant: Timestamp) {
        state.withLock { $0 = instant }
    }
}

/// An agenda with a caseload, a clock to set and its handlers at hand.
struct AgendaFixture {
    let database: Database
    let clock: SettableClock
    let service: AgendaService
    let bell: ReminderBell

    /// Monday 2 June 2025, 10:00 in Paris.
    static let monday = Timestamp(milliseconds: 1_748_851_200_000)

    static let counsellor = "00000000-0000-7000-8000-0000000000c1"
    static let otherCounsellor = "00000000-0000-7000-8000-0000000000c2"
    static let youngPerson = "00000000-0000-7000-8000-0000000000a1"
    static let secondYoungPerson = "00000000-0000-7000-8000-0000000000a2"
    static let othersYoungPerson = "00000000-0000-7000-8000-0000000000b1"

    init(database: Database, at now: Timestamp = monday) {
        let clock = SettableClock(now)
        self.database = database
        self.clock = clock
        bell = ReminderBell()
        service = AgendaService(database: database, bell: bell) { clock.now }
    }

    /// An agenda in memory, whose counsellor follows two young people in Paris; a third is
    /// another's.
    static func inMemory(at now: Timestamp = monday) async throws -> AgendaFixture {
        let fixture = AgendaFixture(
            database: try Database.inMemory(migrations: AgendaSchema.migrations),
            at: now
        )
        try await fixture.follow([youngPerson, secondYoungPerson], counsellor: counsellor)
        try await fixture.follow([othersYoungPerson], counsellor: otherCounsellor)
        return fixture
    }

    /// Puts young people into a counsellor's caseload, at a structure in `timeZone`.
    func follow(
        _ youngPeople: [String],
        counsellor: String,
        timeZone: String = "Europe/Paris"
    ) async throws {
        let structure = Structure(id: "structure-\(timeZone)", name: "S", timeZone: timeZone)
        var bodies: [any ProtobufMessage] = [StructureChanged(structure: structure)]
        bodies += youngPeople.map { id in
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
        let changes = try bodies.map { body in
            Change(kind: type(of: body).fullName, body: try body.serializedBytes())
        }
        try await database.write { transaction in
            for change in changes { try Caseload.apply(change, in: transaction) }
        }
    }

    /// The agenda's own feed entries.
    func feed() async throws -> [StoredChange] {
        var changes: [StoredChange] = []
        var position: UInt64 = 0
        while true {
            let page = try await database.changes(after: position, limit: 1_000)
            changes += page.changes
            position = page.lookedThrough
            if page.isAtHead { return changes }
        }
    }

    /// The reminders that the feed holds, in order.
    func remindersGivenOut() async throws -> [GivenReminder] {
        try await feed().filter { $0.kind == ReminderDue.fullName }.map(GivenReminder.init)
    }

    /// Gives out what is due at the fixture's clock.
    @discardableResult
    func giveOutDue() async throws -> Duration {
        let clock = clock
        return try await ReminderClock(
            database: database,
            bell: bell,
            now: { clock.now },
            sleep: { _ in },
            report: { _ in }
        ).giveOutDue()
    }
}

/// A feed entry that reminds of an appointment.
struct GivenReminder: Hashable, Comparable, CustomStringConvertible {
    let atMs: Int64
    let appointmentID: String
    let kind: Int32
    let startMs: Int64

    init(atMs: Int64, appointmentID: String, kind: ReminderKind, startMs: Int64) {
        self.atMs = atMs
        self.appointmentID = appointmentID
        self.kind = kind.rawValue
        self.startMs = startMs
    }

    init(_ change: StoredChange) throws {
        let body = try ReminderDue(serializedBytes: change.body)
        self.init(
            atMs: change.at.milliseconds,
            appointmentID: body.appointment?.id ?? "",
            kind: body.kind,
            startMs: body.appointment?.startMs ?? 0
        )
    }

    static func < (left: GivenReminder, right: GivenReminder) -> Bool {
        (left.atMs, left.appointmentID, left.kind, left.startMs)
            < (right.atMs, right.appointmentID, right.kind, right.startMs)
    }

    var description: String { "\(appointmentID) kind \(kind) of \(startMs) at \(atMs)" }
}

extension CallContext {
    /// A call of `caller`, as the gateway passes it on.
    static func of(_ caller: Caller) -> CallContext {
        CallContext(
            method: AgendaMethods.bookAppointment.descriptor,
            peer: .service("gateway"),
            metadata: PersonHeaders.metadata(for: caller)
        )
    }

    static let counsellor = CallContext.of(.counsellor(AgendaFixture.counsellor))
    static let otherCounsellor = CallContext.of(.counsellor(AgendaFixture.otherCounsellor))
    static let youngPerson = CallContext.of(.youngPerson(AgendaFixture.youngPerson))
}

extension BookAppointmentRequest {
    /// An hour at the structure with the counsellor's first young person.
    static func hour(_ id: Int, at start: Timestamp) -> BookAppointmentRequest {
        BookAppointmentRequest(
            id: appointmentID(id),
            youngPersonID: AgendaFixture.youngPerson,
            modality: .atStructure,
            startMs: start.milliseconds,
            endMs: start.milliseconds + 3_600_000
        )
    }

    func with(_ change: (inout BookAppointmentRequest) -> Void) -> BookAppointmentRequest {
        var request = self
        change(&request)
        return request
    }
}

extension MoveAppointmentRequest {
    /// Moves an appointment to an hour from `start`.
    static func hour(_ id: Int, at start: Timestamp) -> MoveAppointmentRequest {
        MoveAppointmentRequest(
            id: appointmentID(id),
            startMs: start.milliseconds,
            endMs: start.milliseconds + 3_600_000
        )
    }
}

/// The id of a test's appointment number so and so.
func appointmentID(_ number: Int) -> String {
    let digits = String(number)
    return "00000000-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
}

extension Duration {
    static func minutes(_ count: Int) -> Duration { .seconds(60 * count) }
    static func hours(_ count: Int) -> Duration { .seconds(3_600 * count) }
    static func days(_ count: Int) -> Duration { .seconds(86_400 * count) }
}
