public import Contracts
public import RPC
import ServiceKit

extension ActionsService {
    /// Adds an action of the calling young person's own.
    ///
    /// Safe to retry with the same id.
    ///
    /// - Throws: `ActionsError.idTaken` for an id with other content.
    public func addAction(
        _ request: AddActionRequest,
        _ call: CallContext
    ) async throws -> Action {
        let place = ActionStore.Place(
            id: try Check.id(request.id, "id"),
            youngPersonID: call.caller.personID ?? "",
            field: "id"
        )
        let draft = try ActionDraft(request.content, "content")
        let stored = try await actions.create(
            draft,
            at: [place],
            field: "content",
            by: call.caller,
            now: now()
        )
        guard let action = stored.first else { throw ActionsError.unknownAction }
        return action
    }
}
