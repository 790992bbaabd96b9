public import Contracts
public import RPC
import ServiceKit
import Storage

extension AccountsService {
    /// Lists accounts in the order of their ids.
    public func listPeople(
        _ request: ListPeopleRequest,
        _ call: CallContext
    ) async throws -> ListPeopleResponse {
        let limit = try Check.limit(request.limit, default: 100, max: 500)
        let role = request.role == .unspecified ? nil : try Check.known(request.role, "role").name
        let after = request.cursor.isEmpty ? "" : try Cursor.decode(request.cursor, count: 1)[0]
        return try await database.read { reader in
            // One more than asked for tells whether there is another page.
            let accounts = try PersonStore.page(
                after: after,
                role: role,
                limit: limit + 1,
                in: reader
            )
            let page = Array(accounts.prefix(limit))
            return ListPeopleResponse(
                people: try PersonStore.people(page, in: reader),
                next: accounts.count > limit ? Cursor.encode(page.suffix(1).map(\.id)) : ""
            )
        }
    }
}
