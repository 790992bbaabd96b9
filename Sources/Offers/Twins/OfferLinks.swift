import Contracts
import Storage

/// What stands beside an offer because it is the same job.
enum OfferLinks {
    /// The other offers that are the same job as `id`.
    static func links(of id: String, in queries: some Queries) throws -> [OfferLink] {
        try OfferTwins.others(of: id, in: queries).compactMap { other in
            guard let offer = try OfferStore.find(other, in: queries)?.offer else { return nil }
            return OfferLink(
                offerID: other,
                source: offer.summary?.source ?? .unspecified,
                applyURL: offer.applyURL
            )
        }
    }
}
