public import Contracts
public import RPC
import ServiceKit

extension AlertsService {
    /// Suggests an offer or a search to one or many of the calling counsellor's young people; all or
    /// none.
    ///
    /// Safe to retry with the same ids.
    ///
    /// - Throws: NOT_FOUND if there is no such offer; PERMISSION_DENIED for a young person outside
    ///   the caller's caseload; `AlertsError` for an id with other content or too many that wait.
    public func suggest(
        _ request: SuggestRequest,
        _ call: CallContext
    ) async throws -> SuggestResponse {
        guard case .counsellor(let counsellorID) = call.caller else {
            throw RPCError(.permissionDenied, "Only counsellors suggest.")
        }
        let now = now()
        let content: SuggestionStore.Content
        switch request.content?.content {
        case .offerID(let id):
            content = .offer(try OffersService.offerID(id, "content.offer_id"))
        case .search(let search):
            let table = try await communes.table()
            let draft = try SearchDraft(search, "content.search", communes: table, now: now)
            content = .search(draft.search)
        case nil:
            throw RPCError.badField("content", "must hold an offer_id or a search")
        }
        return SuggestResponse(
            suggestions: try await suggestions.suggest(
                content,
                to: try Self.targets(request.targets),
                by: call.caller,
                counsellorID,
                at: now
            )
        )
    }

    private static func targets(
        _ targets: [SuggestionTarget]
    ) throws(RPCError) -> [SuggestionStore.Target] {
        guard (1...AlertLimits.suggestionTargetsMax).contains(targets.count) else {
            throw .badField("targets", "must be 1 to \(AlertLimits.suggestionTargetsMax)")
        }
        var ids: Set<String> = []
        var people: Set<String> = []
        var checked: [SuggestionStore.Target] = []
        for (index, target) in targets.enumerated() {
            let field = "targets[\(index)]"
            let id = try Check.id(target.id, "\(field).id")
            let personID = try Check.id(target.youngPersonID, "\(field).young_person_id")
            guard ids.insert(id).inserted else {
                throw .badField("\(field).id", "must be another for each target")
            }
            guard people.insert(personID).inserted else {
                throw .badField("\(field).young_person_id", "must name each young person once")
            }
            checked.append(.init(id: id, youngPersonID: personID, field: field))
        }
        return checked
    }
}
