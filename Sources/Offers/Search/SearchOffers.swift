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
        try await search(request)
    }

    /// Searches for whoever asks.
    ///
    /// - Throws: as `searchOffers`.
    public func search(_ request: SearchOffersRequest) async throws -> SearchOffersResponse {
        let limit = try Check.limit(request.limit, default: 20, max: 100)
        let query = try SearchQuery(request, communes: try await communes.table(), now: now())
        let after = request.cursor.isEmpty ? nil : try SearchCursor(request.cursor, for: query)
        let isCancelled = CancellationFlag()
        let search = OfferSearch(
            query: query,
            segments: try await offers.index.segments(),
            index: offers.index,
            limit: limit,
            nowSeconds: after?.nowSeconds ?? UInt32(clamping: now().milliseconds / 1000),
            after: after,
            isCancelled: isCancelled
        )
        let page = try await withTaskCancellationHandler {
            try await offers.database.read { reader in try search.run(in: reader) }
        } onCancel: {
            isCancelled.set()
        }
        return SearchOffersResponse(
            offers: page.offers,
            total: UInt32(min(page.total, OfferLimits.totalMax)),
            totalIsLowerBound: page.total > OfferLimits.totalMax,
            next: page.next?.text(for: query) ?? "",
            place: query.place.map { Place($0) },
            understood: query.read.map { UnderstoodWords($0, page.corrections) },
            facets: page.facets
        )
    }
}

extension UnderstoodWords {
    init(_ read: ReadWords, _ corrections: [WordCorrection]) {
        self.init(
            words: read.words,
            place: read.place.map { Place($0) },
            radiusKm: read.radiusKm,
            kinds: read.kinds,
            contracts: read.contracts,
            workingTimes: read.workingTimes,
            corrections: corrections
        )
    }
}
