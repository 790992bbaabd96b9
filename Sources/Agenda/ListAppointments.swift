public import Contracts
public import RPC
import ServiceKit

extension AgendaService {
    /// Lists the caller's appointments that share a moment with a period, by start.
    ///
    /// A young person's own are theirs; a counsellor's own are those of their present caseload,
    /// whoever booked them.
    ///
    /// - Throws: INVALID_ARGUMENT naming the bad field; PERMISSION_DENIED for a young person of
    ///   another caseload.
    public func listAppointments(
        _ request: ListAppointmentsRequest,
        _ call: CallContext
    ) async throws -> ListAppointmentsResponse {
        let listing = try AppointmentListing(request)
        let page = try await appointments.page(listing, for: call.caller)
        return ListAppointmentsResponse(appointments: page.appointments, next: page.next)
    }
}
