@testable import Agenda
import Contracts
import RPC
import ServiceKit
import Storage
import Testing

@Suite struct BookAppointmentTests {
    private let agenda: AgendaFixture
    private let start = AgendaFixture.monday + .days(10)

    init() async throws {
        agenda = try await AgendaFixture.inMemory()
    }

    private func book(_ request: BookAppointmentRequest) async throws -> Appointment {
        try await agenda.service.bookAppointment(request, .counsellor)
    }

    @Test func bookingKeepsEveryFieldAndPlansBothReminders() async throws {
        let request = BookAppointmentRequest(
            id: appointmentID(1),
            youngPersonID: AgendaFixture.youngPerson,
            type: .other,
            title: "Atelier CV",
            comment: "Apporter\nun CV.",
            modality: .byVideo,
            address: "1 rue de la Gare",
            link: "https://visio.example/salle?x=1#y",
            telephone: "+33 1 23 45 67 89",
            startMs: start.milliseconds,
            endMs: start.milliseconds + 1_800_000
        )
        let appointment = try await book(request)
        #expect(
            appointment
                == Appointment(
                    id: appointmentID(1),
                    youngPersonID: AgendaFixture.youngPerson,
                    counsellorID: AgendaFixture.counsellor,
                    type: .other,
                    title: "Atelier CV",
                    comment: "Apporter\nun CV.",
                    modality: .byVideo,
                    address: "1 rue de la Gare",
                    link: "https://visio.example/salle?x=1#y",
                    telephone: "+33 1 23 45 67 89",
                    startMs: start.milliseconds,
                    endMs: start.milliseconds + 1_800_000,
                    state: .booked,
                    revision: 0,
                    reminders: [
                        Reminder(
                            kind: .weekBefore,
                            dueMs: (start - .days(7)).milliseconds,
                            state: .waiting
                        ),
                        Reminder(
                            kind: .dayBefore,
                            dueMs: (start - .days(1)).milliseconds,
                            state: .waiting
                        ),
                    ],
                    timeZone: "Europe/Paris"
                )
        )
        let read = GetAppointmentRequest(id: appointmentID(1))
        #expect(try await agenda.service.getAppointment(read, .counsellor) == appointment)
        #expect(try await agenda.service.getAppointment(read, .youngPerson) == appointment)
    }

    @Test func theFeedTellsOfTheBookingOnce() async throws {
        let appointment = try await book(.hour(1, at: start))
        _ = try await book(.hour(1, at: start))
        let feed = try await agenda.feed()
        #expect(feed.map(\.kind) == [AppointmentBooked.fullName])
        let change = try #require(feed.first)
        #expect(change.youngPersonID == AgendaFixture.youngPerson)
        #expect(change.counsellorID == AgendaFixture.counsellor)
        #expect(change.at == AgendaFixture.monday)
        #expect(try AppointmentBooked(serializedBytes: change.body).appointment == appointment)
    }

    @Test func unspecifiedTypeIsAnIndividualInterview() async throws {
        let first = try await book(.hour(1, at: start))
        #expect(first.type == .individualInterview)
        let named = BookAppointmentRequest.hour(1, at: start).with {
            $0.type = .individualInterview
        }
        #expect(try await book(named) == first)
    }

    @Test func idsAreTakenInEitherCase() async throws {
        let upper = BookAppointmentRequest.hour(1, at: start).with {
            $0.id = "AAAAAAAA-0000-7000-8000-00000000000A"
            $0.youngPersonID = AgendaFixture.youngPerson.uppercased()
        }
        let stored = try await book(upper)
        #expect(stored.id == "aaaaaaaa-0000-7000-8000-00000000000a")
        #expect(stored.youngPersonID == AgendaFixture.youngPerson)
        #expect(try await book(upper.with { $0.id = stored.id }) == stored)
    }

    @Test func theSameBookingAgainAnswersWhatBecameOfIt() async throws {
        let request = BookAppointmentRequest.hour(1, at: start)
        _ = try await book(request)
        let moved = try await agenda.service.moveAppointment(
            .hour(1, at: start + .days(1)),
            .counsellor
        )
        #expect(try await book(request) == moved)
        let cancelled = try await agenda.service.cancelAppointment(
            CancelAppointmentRequest(id: appointmentID(1)),
            .counsellor
        )
        #expect(try await book(request) == cancelled)
        // Also when its date has become too old to be booked anew.
        agenda.clock.set(start + .days(400))
        #expect(try await book(request) == cancelled)
        #expect(try await agenda.feed().count == 3)
    }

    @Test(
        arguments: [
            { $0.youngPersonID = AgendaFixture.secondYoungPerson }, { $0.type = .visit },
            { $0.title = "x" }, { $0.comment = "x" }, { $0.modality = .byTelephone },
            { $0.address = "x" }, { $0.link = "https://x.example" }, { $0.telephone = "1" },
            { $0.startMs += 1 }, { $0.endMs += 1 },
        ] as [@Sendable (inout BookAppointmentRequest) -> Void]
    )
    func theSameIDWithOtherContentIsRefused(
        change: @Sendable (inout BookAppointmentRequest) -> Void
    ) async throws {
        let request = BookAppointmentRequest.hour(1, at: start)
        let stored = try await book(request)
        await #expect(throws: AgendaError.otherContent) { try await book(request.with(change)) }
        #expect(AgendaError.otherContent.rpcError.code == .alreadyExists)
        #expect(try await book(request) == stored)
        #expect(try await agenda.feed().count == 1)
    }

    @Test func anotherCounsellorsIDIsRefused() async throws {
        _ = try await book(.hour(1, at: start))
        let theirs = BookAppointmentRequest.hour(1, at: start).with {
            $0.youngPersonID = AgendaFixture.othersYoungPerson
        }
        await #expect(throws: AgendaError.otherContent) {
            try await agenda.service.bookAppointment(theirs, .otherCounsellor)
        }
    }

    @Test func manyAtOnceWithOneIDBookOnce() async throws {
        let request = BookAppointmentRequest.hour(1, at: start)
        let service = agenda.service
        let answers = try await withThrowingTaskGroup(of: Appointment.self) { group in
            for _ in 0..<20 {
                group.addTask { try await service.bookAppointment(request, .counsellor) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 20)
        #expect(Set(answers.map(\.startMs)).count == 1)
        #expect(try await agenda.feed().count == 1)
    }
}
