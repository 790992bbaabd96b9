public import Contracts
public import RPC
import ServiceKit
import Storage

extension AgendaService {
    /// Cancels an appointment of the calling counsellor's caseload, for good.
    ///
    /// - Throws: INVALID_ARGUMENT naming the bad field; NOT_FOUND for an unknown appointment or one
    ///   of another caseload.
    public func cancelAppointment(
        _ request: CancelAppointmentRequest,
        _ call: CallContext
    ) async throws -> Appointment {
        let counsellorID = try counsellorID(of: call)
        let id = try Check.id(request.id, "id")
        let reason = try Check.text(request.reason, "reason", 0...Limits.reasonCharactersMax)
        return try await appointments.cancel(id, reason: reason, by: counsellorID, at: now())
    }
}
