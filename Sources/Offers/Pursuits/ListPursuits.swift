public import Contracts
public import RPC
import ServiceKit

extension PursuitsService {
    /// Lists a young person's pursuits, latest changed first.
    ///
    /// A pursuit that changes between two pages moves to the front and may be seen twice.
    ///
    /// - Throws: PERMISSION_DENIED unless they are the caller or in the caller's caseload.
    public func listPursuits(
        _ request: ListPursuitsRequest,
        _ call: CallContext
    ) async throws -> ListPursuitsResponse {
        let personID = try OffersService.subject(request.youngPersonID, of: call.caller)
        let limit = try Check.limit(request.limit, default: 50, max: 200)
        // One more than the page holds tells whether there is a next page.
        var (found, isShared) = try await pursuits.list(
            personID,
            for: call.caller,
            after: PagePosition(request.cursor),
            limit: limit + 1
        )
        guard found.count > limit else {
            return ListPursuitsResponse(pursuits: found, shared: isShared)
        }
        found.removeLast()
        let next = found.last.map { PagePosition(ms: $0.updatedMs, id: $0.offer?.id ?? "").text }
        return ListPursuitsResponse(pursuits: found, next: next ?? "", shared: isShared)
    }
}
