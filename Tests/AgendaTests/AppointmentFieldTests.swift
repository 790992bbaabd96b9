@testable import Agenda
import Contracts
import RPC
import ServiceKit
import Storage
import Testing

/// A change to a good request, and the field that the refusal must name; `nil` if it stays good.
struct FieldCase<Request: Sendable>: Sendable, CustomTestStringConvertible {
    let name: String
    let field: String?
    let change: @Sendable (inout Request) -> Void

    init(_ name: String, _ field: String?, _ change: @escaping @Sendable (inout Request) -> Void) {
        self.name = name
        self.field = field
        self.change = change
    }

    var testDescription: String { name }
}

@Suite struct AppointmentFieldTests {
    private let agenda: AgendaFixture
    private static let now = AgendaFixture.monday
    private static let start = now + .days(10)
    private static let year = Duration.days(366)
    private static let twoYears = Duration.days(731)

    init() async throws {
        agenda = try await AgendaFixture.inMemory()
    }

    private static func text(_ count: Int) -> String { String(repeating: "é", count: count) }

    private static func starts(
        _ start: Timestamp
    ) -> @Sendable (inout BookAppointmentRequest) -> Void {
        {
            $0.startMs = start.milliseconds
            $0.endMs = start.milliseconds + 1
        }
    }

    private static let link = "https://" + String(repeating: "a", count: 1_992)

    static let bookings: [FieldCase<BookAppointmentRequest>] = [
        .init("no id", "id") { $0.id = "" },
        .init("id not a UUID", "id") { $0.id = "rendez-vous" },
        .init("id with NUL", "id") { $0.id = "00000000-0000-7000-8000-00000000000\0" },
        .init("no young person", "young_person_id") { $0.youngPersonID = "" },
        .init("unknown type", "type") { $0.type = .unrecognized(99) },
        .init("OTHER without title", "title") { $0.type = .other },
        .init("OTHER with a blank title", "title") {
            $0.type = .other
            $0.title = " \n"
        },
        .init("OTHER with title", nil) {
            $0.type = .other
            $0.title = "Forum"
        },
        .init("longest title", nil) { $0.title = text(200) },
        .init("title too long", "title") { $0.title = text(201) },
        .init("title with NUL", "title") { $0.title = "a\0b" },
        .init("longest comment", nil) { $0.comment = text(1_024) },
        .init("comment too long", "comment") { $0.comment = text(1_025) },
        .init("comment with escape", "comment") { $0.comment = "\u{1B}[31m" },
        .init("no modality", "modality") { $0.modality = .unspecified },
        .init("unknown modality", "modality") { $0.modality = .unrecognized(-1) },
        .init("AT_ADDRESS without address", "address") { $0.modality = .atAddress },
        .init("AT_ADDRESS with a blank address", "address") {
            $0.modality = .atAddress
            $0.address = "  "
        },
        .init("AT_ADDRESS with the longest address", nil) {
            $0.modality = .atAddress
            $0.address = text(250)
        },
        .init("address too long", "address") { $0.address = text(251) },
        .init("BY_VIDEO without link", "link") { $0.modality = .byVideo },
        .init("BY_VIDEO with the longest link", nil) {
            $0.modality = .byVideo
            $0.link = link
        },
        .init("link too long", "link") { $0.link = link + "a" },
        .init("link over http", "link") { $0.link = "http://visio.example" },
        .init("link of script", "link") { $0.link = "javascript:alert(1)" },
        .init("link without host", "link") { $0.link = "https:///salle" },
        .init("link with a space", "link") { $0.link = "https://visio.example/a b" },
        .init("link with a quote", "link") { $0.link = "https://visio.example/\"x" },
        .init("link in capitals", nil) { $0.link = "HTTPS://visio.example" },
        .init("BY_TELEPHONE without number", nil) { $0.modality = .byTelephone },
        .init("telephone too long", "telephone") { $0.telephone = text(31) },
        .init("no start", "start_ms") { $0.startMs = 0 },
        .init("a year back", nil, starts(now - year)),
        .init("more than a year back", "start_ms", starts(now - year - .milliseconds(1))),
        .init("two years ahead", nil, starts(now + twoYears)),
        .init("more than two years ahead", "start_ms", starts(now + twoYears + .milliseconds(1))),
        .init("the lowest start", "start_ms") { $0.startMs = .min },
        .init("the highest start", "start_ms") { $0.startMs = .max },
        .init("end at the start", "end_ms") { $0.endMs = $0.startMs },
        .init("end before the start", "end_ms") { $0.endMs = $0.startMs - 1 },
        .init("the lowest end", "end_ms") { $0.endMs = .min },
        .init("the highest end", "end_ms") { $0.endMs = .max },
        .init("one day long", nil) { $0.endMs = $0.startMs + 86_400_000 },
        .init("longer than a day", "end_ms") { $0.endMs = $0.startMs + 86_400_001 },
    ]

    @Test(arguments: bookings)
    func bookingChecksEveryField(_ test: FieldCase<BookAppointmentRequest>) async throws {
        let request = BookAppointmentRequest.hour(1, at: Self.start).with(test.change)
        try await expect(test.field, changes: 1) {
            _ = try await agenda.service.bookAppointment(request, .counsellor)
        }
    }

    static let moves: [FieldCase<MoveAppointmentRequest>] = [
        .init("id not a UUID", "id") { $0.id = "1" },
        .init("no start", "start_ms") { $0.startMs = 0 },
        .init("more than two years ahead", "start_ms") {
            $0.startMs = (now + twoYears).milliseconds + 1
            $0.endMs = $0.startMs + 1
        },
        .init("more than a year back", "start_ms") {
            $0.startMs = (now - year).milliseconds - 1
            $0.endMs = $0.startMs + 1
        },
        .init("no end", "end_ms") { $0.endMs = 0 },
        .init("end at the start", "end_ms") { $0.endMs = $0.startMs },
        .init("longer than a day", "end_ms") { $0.endMs = $0.startMs + 86_400_001 },
        .init("an hour later", nil) { _ in },
    ]

    @Test(arguments: moves)
    func movingChecksEveryField(_ test: FieldCase<MoveAppointmentRequest>) async throws {
        _ = try await agenda.service.bookAppointment(.hour(1, at: Self.start), .counsellor)
        var request = MoveAppointmentRequest.hour(1, at: Self.start + .hours(1))
        test.change(&request)
        let move = request
        try await expect(test.field, changes: 2) {
            _ = try await agenda.service.moveAppointment(move, .counsellor)
        }
    }

    static let cancellations: [FieldCase<CancelAppointmentRequest>] = [
        .init("id not a UUID", "id") { $0.id = "1" },
        .init("reason too long", "reason") { $0.reason = text(251) },
        .init("longest reason", nil) { $0.reason = text(250) },
    ]

    @Test(arguments: cancellations)
    func cancellingChecksEveryField(_ test: FieldCase<CancelAppointmentRequest>) async throws {
        _ = try await agenda.service.bookAppointment(.hour(1, at: Self.start), .counsellor)
        var request = CancelAppointmentRequest(id: appointmentID(1))
        test.change(&request)
        let cancellation = request
        try await expect(test.field, changes: 2) {
            _ = try await agenda.service.cancelAppointment(cancellation, .counsellor)
        }
    }

    static let listings: [FieldCase<ListAppointmentsRequest>] = [
        .init("young person not a UUID", "young_person_id") { $0.youngPersonID = "x" },
        .init("negative from", "from_ms") { $0.fromMs = -1 },
        .init("highest from", "from_ms") { $0.fromMs = .max },
        .init("negative to", "to_ms") { $0.toMs = -1 },
        .init("to at from", "to_ms") {
            $0.fromMs = 5
            $0.toMs = 5
        },
        .init("limit too high", "limit") { $0.limit = 501 },
        .init("highest limit", nil) { $0.limit = 500 },
        .init("cursor of rubbish", "cursor") { $0.cursor = "%%%" },
        .init("cursor of another shape", "cursor") { $0.cursor = Cursor.encode(["1", "2", "3"]) },
        .init("cursor without a number", "cursor") { $0.cursor = Cursor.encode(["x", "y"]) },
        .init("cursor", nil) { $0.cursor = Cursor.encode(["5", appointmentID(1)]) },
    ]

    @Test(arguments: listings)
    func listingChecksEveryField(_ test: FieldCase<ListAppointmentsRequest>) async throws {
        var request = ListAppointmentsRequest()
        test.change(&request)
        let listing = request
        try await expect(test.field, changes: 0) {
            _ = try await agenda.service.listAppointments(listing, .counsellor)
        }
    }

    @Test func gettingChecksTheID() async throws {
        try await expect("id", changes: 0) {
            _ = try await agenda.service.getAppointment(GetAppointmentRequest(id: "x"), .counsellor)
        }
    }

    /// Runs `body`; it must be refused for `field` and store nothing, or succeed and leave so many
    /// changes.
    private func expect(
        _ field: String?,
        changes: Int,
        _ body: () async throws -> Void
    ) async throws {
        let before = try await agenda.feed().count
        guard let field else {
            try await body()
            #expect(try await agenda.feed().count == changes)
            return
        }
        let error = await #expect(throws: RPCError.self) { try await body() }
        #expect(error?.code == .invalidArgument)
        let detail = try BadField(serializedBytes: error?.details.first?.value ?? [])
        #expect(detail.field == field)
        #expect(error?.message.hasPrefix(field + " ") == true)
        #expect(try await agenda.feed().count == before)
    }
}
