import Contracts
import RPC
import ServiceKit
import Storage

/// What an action is to be, checked and with the catalogue's defaults filled in.
struct ActionDraft: Equatable, Sendable {
    let catalogueID: String
    let content: String
    let description: String
    let category: Category
    let dueDate: LocalDay?
    let estimatedMinutes: UInt32

    /// Checks all that needs no clock; `field` is the content's place in the request.
    init(_ content: ActionContent?, _ field: String) throws(RPCError) {
        guard let content else { throw .badField(field, "is required") }
        let entry = try Self.entry(content.catalogueID, field)
        catalogueID = entry?.id ?? ""
        if content.content.isEmpty, let entry {
            self.content = entry.title
        } else {
            self.content = try Check.text(
                content.content,
                "\(field).content",
                1...Limits.textCharactersMax
            )
        }
        description = try Check.text(
            content.description,
            "\(field).description",
            0...Limits.textCharactersMax
        )
        if content.category == .unspecified, let entry {
            category = entry.category
        } else {
            category = try Check.known(content.category, "\(field).category")
        }
        let isPlain = category == entry?.category
        let fallback = isPlain ? entry?.defaultMinutes : nil
        let minutes =
            content.estimatedMinutes ?? fallback ?? Catalogue.defaultMinutes(category)
        guard minutes <= Limits.minutesMax else {
            throw .badField("\(field).estimated_minutes", "must be at most \(Limits.minutesMax)")
        }
        estimatedMinutes = minutes
        guard !content.dueDate.isEmpty else {
            dueDate = nil
            return
        }
        guard let day = LocalDay(content.dueDate) else {
            throw .badField("\(field).due_date", "must be a date like 2026-11-27, or empty")
        }
        dueDate = day
    }

    /// Refuses a due date that has passed or is too far, seen from `today`.
    ///
    /// Only for new actions: a repeated request is the same success on later days too.
    func checkDueDate(_ today: LocalDay, _ field: String) throws(RPCError) {
        guard let dueDate else { return }
        guard (today...today.adding(days: Limits.dueDaysMax)).contains(dueDate) else {
            throw .badField("\(field).due_date", "must be from today (\(today)) to two years ahead")
        }
    }

    private static func entry(
        _ id: String,
        _ field: String
    ) throws(RPCError) -> CatalogueEntry? {
        guard !id.isEmpty else { return nil }
        guard let entry = Catalogue.entry(id) else {
            throw .badField("\(field).catalogue_id", "must be an id of ListCatalogue, or empty")
        }
        return entry
    }
}
