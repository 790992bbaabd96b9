public import Contracts
public import RPC

extension OffersService {
    /// Lists the scheme's services, gathered in one place.
    public func listTools(
        _ request: ListToolsRequest,
        _ call: CallContext
    ) async throws -> ListToolsResponse {
        ListToolsResponse(tools: Toolbox.tools)
    }
}
