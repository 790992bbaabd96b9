public import Contracts
public import RPC
import ServiceKit

extension OffersService {
    /// Applies to an offer: remembers that its link was followed, or keeps the message to a company
    /// that offers immersion.
    ///
    /// Safe to retry with the same `id`.
    ///
    /// - Throws: NOT_FOUND if there is no such offer; ALREADY_EXISTS for the same id with other
    ///   content; FAILED_PRECONDITION, with the day, for a second message to a company within 7
    ///   days; INVALID_ARGUMENT naming the field.
    public func applyToOffer(
        _ request: ApplyToOfferRequest,
        _ call: CallContext
    ) async throws -> Application {
        let draft = ApplicationStore.Draft(
            id: try Check.id(request.id, "id"),
            youngPersonID: try Self.youngPerson(call.caller),
            offerID: try Self.offerID(request.offerID, "offer_id"),
            message: try Check.text(request.message, "message", 0...OfferLimits.messageMax)
        )
        return try await applications.apply(draft, for: call.caller, at: now())
    }
}
