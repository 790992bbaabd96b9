public import Contracts
public import RPC
import Storage

extension OffersService {
    /// Answers one offer with everything known of it, also one that its source has withdrawn.
    ///
    /// - Throws: NOT_FOUND if there is none.
    public func getOffer(_ request: GetOfferRequest, _ call: CallContext) async throws -> Offer {
        let id = try Self.offerID(request.id, "id")
        let (found, links) = try await offers.database.read { reader in
            (try OfferStore.find(id, in: reader), try OfferLinks.links(of: id, in: reader))
        }
        guard var offer = found?.offer else { throw OffersError.unknownOffer }
        offer.summary?.links = links
        return offer
    }

    /// An offer's id as a request has it: anything that could be one.
    ///
    /// - Throws: INVALID_ARGUMENT if it is empty or too long.
    static func offerID(_ id: String, _ field: String) throws(RPCError) -> String {
        guard !id.isEmpty, id.utf8.count <= 2 * OfferLimits.idBytesMax else {
            throw .badField(field, "must be the id of an offer, like france-travail:128ABCD")
        }
        return id
    }
}
