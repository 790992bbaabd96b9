public import Contracts
public import RPC
import ServiceKit
import Storage

/// How the sources of offers are doing.
public struct OfferSourcesService: OfferSourcesServer {
    let keeper: SourceKeeper

    /// Tells of the sources of the offers that `service` serves.
    public init(beside service: OffersService) {
        keeper = SourceKeeper(offers: service.offers)
    }

    /// Lists the sources.
    public func listSources(
        _ request: ListSourcesRequest,
        _ call: CallContext
    ) async throws -> ListSourcesResponse {
        ListSourcesResponse(sources: try await keeper.store.states())
    }

    /// Closes what waits for a yes; saying it again changes nothing.
    ///
    /// - Throws: INVALID_ARGUMENT for an unknown source.
    public func acceptClosing(
        _ request: AcceptClosingRequest,
        _ call: CallContext
    ) async throws -> AcceptClosingResponse {
        let source = try Check.known(request.source, "source")
        _ = try await keeper.store.accept(source)
        return AcceptClosingResponse(closed: UInt32(clamping: try await keeper.close(source)))
    }
}
