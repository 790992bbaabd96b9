public import Contracts
public import RPC
import ServiceKit
import Storage

extension AgendaService {
    /// Moves an appointment of the calling counsellor's caseload to another time.
    ///
    /// - Throws: INVALID_ARGUMENT naming the bad field; NOT_FOUND for an unknown appointment or one
    ///   of another caseload; FAILED_PRECONDITION if it was cancelled.
    public func moveAppointment(
        _ request: MoveAppointmentRequest,
        _ call: CallContext
    ) async throws -> Appointment {
        let counsellorID = try counsellorID(of: call)
        let id = try Check.id(request.id, "id")
        let slot = try Slot(startMs: request.startMs, endMs: request.endMs)
        let appointment = try await appointments.move(id, to: slot, by: counsellorID, at: now())
        bell.ring()
        return appointment
    }
}
