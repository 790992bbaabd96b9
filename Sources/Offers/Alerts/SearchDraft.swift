import Contracts
import RPC
import ServiceKit
import Storage

/// A named search, checked: its criteria are such as SearchOffers takes.
struct SearchDraft: Sendable, Equatable {
    let search: NamedSearch

    /// Checks a request's search; `field` is its place in the request.
    ///
    /// - Throws: INVALID_ARGUMENT naming the field.
    init(
        _ search: NamedSearch?,
        _ field: String,
        communes: CommuneTable,
        now: Timestamp
    ) throws(RPCError) {
        guard let search else { throw .badField(field, "is required") }
        let name = try Check.text(search.name, "\(field).name", 1...AlertLimits.nameMax)
        guard !name.contains(where: \.isNewline) else {
            throw .badField("\(field).name", "must be one line")
        }
        guard let criteria = search.criteria else {
            throw .badField("\(field).criteria", "is required")
        }
        guard criteria.cursor.isEmpty else {
            throw .badField("\(field).criteria.cursor", "must be empty")
        }
        guard criteria.limit == 0 else { throw .badField("\(field).criteria.limit", "must be 0") }
        do throws(RPCError) {
            _ = try SearchQuery(criteria, communes: communes, now: now)
        } catch {
            throw Self.named(error, "\(field).criteria")
        }
        self.search = search
    }

    /// `error` with the field's whole path.
    private static func named(_ error: RPCError, _ path: String) -> RPCError {
        for detail in error.details where detail.type == BadField.fullName {
            guard let bad = try? BadField(serializedBytes: detail.value) else { continue }
            return .badField("\(path).\(bad.field)", bad.mend)
        }
        return error
    }
}
