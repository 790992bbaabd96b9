public import Contracts
public import RPC
import ServiceKit

extension ActionsService {
    /// Gives one action to one or many young people; all or none.
    ///
    /// Safe to retry with the same ids.
    ///
    /// - Throws: PERMISSION_DENIED for a young person outside the caller's caseload;
    ///   `ActionsError.idTaken` for an id with other content.
    public func assignAction(
        _ request: AssignActionRequest,
        _ call: CallContext
    ) async throws -> AssignActionResponse {
        let draft = try ActionDraft(request.content, "content")
        guard (1...Limits.assignmentsMax).contains(request.assignments.count) else {
            throw RPCError.badField("assignments", "must be 1 to \(Limits.assignmentsMax)")
        }
        var ids: Set<String> = []
        var people: Set<String> = []
        var places: [ActionStore.Place] = []
        for (index, assignment) in request.assignments.enumerated() {
            let field = "assignments[\(index)]"
            let place = ActionStore.Place(
                id: try Check.id(assignment.id, "\(field).id"),
                youngPersonID: try Check.id(
                    assignment.youngPersonID,
                    "\(field).young_person_id"
                ),
                field: field
            )
            guard ids.insert(place.id).inserted else {
                throw RPCError.badField("\(field).id", "must be another for each assignment")
            }
            guard people.insert(place.youngPersonID).inserted else {
                throw RPCError.badField(
                    "\(field).young_person_id",
                    "must name each young person once"
                )
            }
            places.append(place)
        }
        let stored = try await actions.create(
            draft,
            at: places,
            field: "content",
            by: call.caller,
            now: now()
        )
        return AssignActionResponse(actions: stored)
    }
}
