public import Contracts
public import RPC
import ServiceKit

extension OffersService {
    /// Lists a young person's applications, latest first; messages only to the young person.
    ///
    /// - Throws: PERMISSION_DENIED unless they are the caller or in the caller's caseload.
    public func listApplications(
        _ request: ListApplicationsRequest,
        _ call: CallContext
    ) async throws -> ListApplicationsResponse {
        let personID = try Self.subject(request.youngPersonID, of: call.caller)
        let limit = try Check.limit(request.limit, default: 50, max: 200)
        // One more than the page holds tells whether there is a next page.
        var found = try await applications.list(
            personID,
            for: call.caller,
            after: PagePosition(request.cursor),
            limit: limit + 1
        )
        if call.caller != .youngPerson(personID) {
            for index in found.indices { found[index].message = "" }
        }
        guard found.count > limit else { return ListApplicationsResponse(applications: found) }
        found.removeLast()
        let next = found.last.map { PagePosition(ms: $0.appliedMs, id: $0.id).text }
        return ListApplicationsResponse(applications: found, next: next ?? "")
    }
}
