public import Contracts
public import RPC
import ServiceKit

extension PursuitsService {
    /// Says whether the counsellor sees what the calling young person looks for.
    public func setSharing(
        _ request: SetSharingRequest,
        _ call: CallContext
    ) async throws -> SetSharingResponse {
        let personID = try OffersService.youngPerson(call.caller)
        try await pursuits.setSharing(request.shared, of: personID, for: call.caller, at: now())
        return SetSharingResponse(shared: request.shared)
    }
}
