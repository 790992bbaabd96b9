@testable import Agenda
import Contracts
import RPC
import ServiceKit
import Storage
import Testing

@Suite struct ListAppointmentsTests {
    private let agenda: AgendaFixture
    private let start = AgendaFixture.monday + .days(10)

    init() async throws {
        agenda = try await AgendaFixture.inMemory()
    }

    private func book(_ number: Int, at start: Timestamp, for id: String? = nil) async throws {
        let request = BookAppointmentRequest.hour(number, at: start).with {
            $0.youngPersonID = id ?? AgendaFixture.youngPerson
        }
        _ = try await agenda.service.bookAppointment(request, .counsellor)
    }

    private func numbers(
        _ request: ListAppointmentsRequest,
        _ call: CallContext = .counsellor
    ) async throws -> [Int] {
        try await agenda.service.listAppointments(request, call).appointments.compactMap {
            Int($0.id.suffix(12))
        }
    }

    @Test func aPeriodHoldsWhatSharesAMomentWithIt() async throws {
        try await book(1, at: start)
        let begins = start.milliseconds
        let ends = begins + 3_600_000
        let periods: [(Int64, Int64, Bool)] = [
            (begins, ends, true), (0, 0, true), (begins + 1, begins + 2, true),
            (begins - 1, begins, false), (begins - 1, begins + 1, true),
            (ends, ends + 1, false), (ends - 1, ends, true), (ends - 1, 0, true),
            (ends, 0, false), (0, begins, false),
        ]
        for (from, to, isIn) in periods {
            let request = ListAppointmentsRequest(fromMs: from, toMs: to)
            #expect(
                try await numbers(request) == (isIn ? [1] : []),
                "\(from - begins) \(to - begins)"
            )
        }
    }

    @Test func theLongestAppointmentIsFoundByItsLastMillisecond() async throws {
        let day: Int64 = 86_400_000
        let request = BookAppointmentRequest.hour(1, at: start).with { $0.endMs = $0.startMs + day }
        _ = try await agenda.service.bookAppointment(request, .counsellor)
        let last = start.milliseconds + day - 1
        #expect(try await numbers(.init(fromMs: last, toMs: last + 1)) == [1])
        #expect(try await numbers(.init(fromMs: last + 1)) == [])
    }

    @Test func eachSideListsTheirOwn() async throws {
        try await book(1, at: start)
        try await book(2, at: start + .hours(2), for: AgendaFixture.secondYoungPerson)
        #expect(try await numbers(.init()) == [1, 2])
        #expect(try await numbers(.init(), .youngPerson) == [1])
        #expect(try await numbers(.init(), .otherCounsellor) == [])
        let second = ListAppointmentsRequest(youngPersonID: AgendaFixture.secondYoungPerson)
        #expect(try await numbers(second) == [2])
        let own = ListAppointmentsRequest(youngPersonID: AgendaFixture.youngPerson)
        #expect(try await numbers(own, .youngPerson) == [1])
        await #expect(throws: AgendaError.noAgenda) { try await numbers(.init(), .of(.operator)) }
    }

    @Test func aCounsellorWithoutYoungPeopleHasAnEmptyAgenda() async throws {
        try await book(1, at: start)
        #expect(try await numbers(.init(), .of(.counsellor(appointmentID(77)))) == [])
    }

    @Test func cancelledOnesComeOnRequest() async throws {
        try await book(1, at: start)
        try await book(2, at: start)
        _ = try await agenda.service.cancelAppointment(
            CancelAppointmentRequest(id: appointmentID(1)),
            .counsellor
        )
        #expect(try await numbers(.init()) == [2])
        #expect(try await numbers(.init(includeCancelled: true)) == [1, 2])
    }

    @Test(arguments: [1, 2, 3, 7, 25, 26])
    func pagesHoldEachAppointmentOnceInOrder(limit: UInt32) async throws {
        // Five on each of five starts, so that pages end within equal starts.
        for number in 0..<25 {
            let person =
                number % 2 == 0 ? AgendaFixture.youngPerson : AgendaFixture.secondYoungPerson
            try await book(number, at: start + .hours(number * 7 % 5), for: person)
        }
        var request = ListAppointmentsRequest(limit: limit)
        var listed: [Appointment] = []
        var pages = 0
        repeat {
            let page = try await agenda.service.listAppointments(request, .counsellor)
            #expect(page.appointments.count <= Int(limit))
            listed += page.appointments
            pages += 1
            request.cursor = page.next
        } while !request.cursor.isEmpty && pages < 30
        #expect(pages == (25 + Int(limit) - 1) / Int(limit))
        #expect(listed.count == 25)
        #expect(Set(listed.map(\.id)).count == 25)
        let keys = listed.map { ($0.startMs, $0.id) }
        #expect(zip(keys, keys.dropFirst()).allSatisfy { $0 < $1 })
        #expect(listed.allSatisfy { $0.reminders.count == 2 })
    }

    @Test func aPageOfLongTextsFitsIntoAMessage() async throws {
        for number in 0..<120 {
            let request = BookAppointmentRequest.hour(number, at: start).with {
                $0.comment = String(repeating: "🙂", count: 1_024)
                $0.link = "https://" + String(repeating: "é", count: 1_992)
            }
            _ = try await agenda.service.bookAppointment(request, .counsellor)
        }
        let first = try await agenda.service.listAppointments(.init(limit: 500), .counsellor)
        #expect(try first.serializedBytes().count <= 1 << 20)
        #expect(first.appointments.count > 90)
        let rest = try await agenda.service.listAppointments(
            .init(limit: 500, cursor: first.next),
            .counsellor
        )
        #expect(rest.next.isEmpty)
        let ids = (first.appointments + rest.appointments).map(\.id)
        #expect(ids == (0..<120).map(appointmentID))
    }

    @Test func withoutALimitAPageHoldsAHundred() async throws {
        for number in 0..<101 { try await book(number, at: start) }
        let page = try await agenda.service.listAppointments(.init(), .counsellor)
        #expect(page.appointments.count == 100)
        #expect(!page.next.isEmpty)
    }
}
