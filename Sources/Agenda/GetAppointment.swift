public import Contracts
public import RPC
import ServiceKit

extension AgendaService {
    /// Answers one appointment of the caller's.
    ///
    /// - Throws: INVALID_ARGUMENT naming `id`; NOT_FOUND for an unknown appointment or one that the
    ///   caller may not see.
    public func getAppointment(
        _ request: GetAppointmentRequest,
        _ call: CallContext
    ) async throws -> Appointment {
        try await appointments.appointment(Check.id(request.id, "id"), for: call.caller)
    }
}
