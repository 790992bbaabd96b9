public import Contracts
public import RPC
import ServiceKit
import Storage

extension AgendaService {
    /// Books an appointment of the calling counsellor with one of their young people.
    ///
    /// Safe to retry: the same request again answers the stored appointment, also when it was moved
    /// or cancelled meanwhile.
    ///
    /// - Throws: INVALID_ARGUMENT naming the bad field; PERMISSION_DENIED for a young person of
    ///   another caseload; ALREADY_EXISTS if the id stands for another booking.
    public func bookAppointment(
        _ request: BookAppointmentRequest,
        _ call: CallContext
    ) async throws -> Appointment {
        let counsellorID = try counsellorID(of: call)
        let draft = try AppointmentDraft(request)
        let appointment = try await appointments.book(draft, by: counsellorID, at: now())
        bell.ring()
        return appointment
    }
}
