public import Contracts
public import RPC
import ServiceKit
import Storage

extension OffersService {
    /// Searches all kinds of offers at once.
    ///
    /// - Throws: INVALID_ARGUMENT naming the field: words that are too long, an unknown place, a
    ///   filter or cursor that does not fit.
    public func searchOffers(
        _ request: SearchOffersRequest,
        _ call: CallContext
    ) async throws -> SearchOffersResponse {
        let limit = try Check.limit(request.limit, default: 20, max: 100)
        let query = try SearchQuery(request, communes: try await communes.table(), now: now())
        let after = request.cursor.isEmpty ? nil : try SearchCursor(request.cursor, for: query)
        let search = OfferSearch(query: query, limit: limit, after: after)
        let page = try await offers.database.read { reader in try search.run(in: reader) }
        return SearchOffersResponse(
            offers: page.offers,
            total: UInt32(min(page.total, OfferLimits.totalMax)),
            totalIsLowerBound: page.total > OfferLimits.totalMax,
            next: page.next?.text(for: query) ?? "",
            place: query.place.map { Place($0) }
        )
    }
}
