public import Contracts
public import RPC

extension ActionsService {
    /// Lists what a counsellor can pick from.
    public func listCatalogue(
        _ request: ListCatalogueRequest,
        _ call: CallContext
    ) async throws -> ListCatalogueResponse {
        ListCatalogueResponse(entries: Catalogue.entries)
    }
}
