@testable import Agenda
import Contracts
import RPC
import ServiceKit
import Storage
import Testing

@Suite struct AppointmentAccessTests {
    private let agenda: AgendaFixture
    private let start = AgendaFixture.monday + .days(10)
    private let read = GetAppointmentRequest(id: appointmentID(1))
    private let cancellation = CancelAppointmentRequest(id: appointmentID(1))

    init() async throws {
        agenda = try await AgendaFixture.inMemory()
        _ = try await agenda.service.bookAppointment(.hour(1, at: start), .counsellor)
    }

    private static let strangers: [CallContext] = [
        .otherCounsellor,
        .of(.youngPerson(AgendaFixture.secondYoungPerson)),
        .of(.counsellor(AgendaFixture.youngPerson)),
        .of(.youngPerson(AgendaFixture.counsellor)),
        .of(.supervisor(AgendaFixture.counsellor)),
        .of(.operator),
        .of(.visitor),
    ]

    @Test func strangersFindNothingAndLearnNothing() async throws {
        for call in Self.strangers {
            await #expect(throws: AgendaError.unknownAppointment) {
                try await agenda.service.getAppointment(read, call)
            }
            await #expect(throws: AgendaError.unknownAppointment) {
                try await agenda.service.getAppointment(
                    GetAppointmentRequest(id: appointmentID(404)),
                    call
                )
            }
        }
    }

    @Test func onlyThePresentCounsellorMovesAndCancels() async throws {
        await #expect(throws: AgendaError.unknownAppointment) {
            try await agenda.service.moveAppointment(
                .hour(1, at: start + .days(1)),
                .otherCounsellor
            )
        }
        await #expect(throws: AgendaError.unknownAppointment) {
            try await agenda.service.cancelAppointment(cancellation, .otherCounsellor)
        }
        for call in Self.strangers.dropFirst() where call.caller != .counsellor(Self.impostor) {
            await #expect(throws: AgendaError.notCounsellor) {
                try await agenda.service.moveAppointment(.hour(1, at: start), call)
            }
            await #expect(throws: AgendaError.notCounsellor) {
                try await agenda.service.cancelAppointment(cancellation, call)
            }
        }
        await #expect(throws: AgendaError.notCounsellor) {
            try await agenda.service.cancelAppointment(cancellation, .youngPerson)
        }
        #expect(try await agenda.feed().count == 1)
    }

    private static let impostor = AgendaFixture.youngPerson

    @Test func bookingForAnothersYoungPersonIsDenied() async throws {
        for id in [AgendaFixture.othersYoungPerson, appointmentID(9)] {
            let request = BookAppointmentRequest.hour(2, at: start).with { $0.youngPersonID = id }
            let error = await #expect(throws: RPCError.self) {
                try await agenda.service.bookAppointment(request, .counsellor)
            }
            #expect(error?.code == .permissionDenied)
        }
        await #expect(throws: AgendaError.notCounsellor) {
            try await agenda.service.bookAppointment(.hour(2, at: start), .youngPerson)
        }
        #expect(try await agenda.feed().count == 1)
    }

    @Test func listingAnothersYoungPersonIsDenied() async throws {
        let request = ListAppointmentsRequest(youngPersonID: AgendaFixture.youngPerson)
        for call in Self.strangers {
            let error = await #expect(throws: RPCError.self) {
                try await agenda.service.listAppointments(request, call)
            }
            #expect(error?.code == .permissionDenied)
        }
    }

    @Test func aNewCounsellorTakesOverWhatWasBooked() async throws {
        try await agenda.follow(
            [AgendaFixture.youngPerson],
            counsellor: AgendaFixture.otherCounsellor
        )
        await #expect(throws: AgendaError.unknownAppointment) {
            try await agenda.service.getAppointment(read, .counsellor)
        }
        await #expect(throws: AgendaError.unknownAppointment) {
            try await agenda.service.cancelAppointment(cancellation, .counsellor)
        }
        let mine = try await agenda.service.listAppointments(.init(), .otherCounsellor)
        #expect(mine.appointments.map(\.id) == [appointmentID(1)])
        let moved = try await agenda.service.moveAppointment(
            .hour(1, at: start + .days(1)),
            .otherCounsellor
        )
        // Who booked it stays; the feed concerns who sees to it now.
        #expect(moved.counsellorID == AgendaFixture.counsellor)
        #expect(try await agenda.feed().last?.counsellorID == AgendaFixture.otherCounsellor)
        agenda.clock.set(start)
        try await agenda.giveOutDue()
        let reminder = try #require(try await agenda.feed().last)
        #expect(reminder.kind == ReminderDue.fullName)
        #expect(reminder.counsellorID == AgendaFixture.otherCounsellor)
        #expect(reminder.youngPersonID == AgendaFixture.youngPerson)
    }

    @Test func theServerRefusesRolesThatTheMethodDoesNotName() async throws {
        let service = agenda.service
        let start = start
        let configuration = RPCServerConfiguration(
            instance: "agenda-test",
            authorize: { try Authorization().check($0) }
        )
        try await withInProcessServer([service], configuration: configuration) { client in
            let agenda = AgendaClient(client)
            let byYoungPerson = await #expect(throws: RPCError.self) {
                try await agenda.bookAppointment(
                    .hour(7, at: start),
                    options: .as(.youngPerson(AgendaFixture.youngPerson))
                )
            }
            #expect(byYoungPerson?.code == .permissionDenied)
            let byNobody = await #expect(throws: RPCError.self) {
                try await agenda.bookAppointment(.hour(7, at: start))
            }
            #expect(byNobody?.code == .permissionDenied)
            let booked = try await agenda.bookAppointment(
                .hour(7, at: start),
                options: .as(.counsellor(AgendaFixture.counsellor))
            )
            #expect(booked.reminders.count == 2)
            let again = await #expect(throws: RPCError.self) {
                try await agenda.bookAppointment(
                    .hour(7, at: start + .hours(1)),
                    options: .as(.counsellor(AgendaFixture.counsellor))
                )
            }
            #expect(again?.code == .alreadyExists)
        }
    }
}

extension CallOptions {
    /// A call for `caller`, as the gateway makes it.
    fileprivate static func `as`(_ caller: Caller) -> CallOptions {
        CallOptions(metadata: PersonHeaders.metadata(for: caller))
    }
}
