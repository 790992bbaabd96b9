public import Contracts
public import RPC
import ServiceKit
import Storage

extension ActionsService {
    /// Lists a young person's actions, a page at a time.
    public func listActions(
        _ request: ListActionsRequest,
        _ call: CallContext
    ) async throws -> ListActionsResponse {
        let id = try Check.id(request.youngPersonID, "young_person_id")
        for (index, status) in request.statuses.enumerated() {
            _ = try Check.known(status, "statuses[\(index)]")
        }
        let limit = try Check.limit(
            request.limit,
            default: Limits.pageDefault,
            max: Limits.pageMax
        )
        let after = request.cursor.isEmpty ? nil : try Cursor.decode(request.cursor, count: 2)
        let page = ActionPage(statuses: request.statuses, after: after, limit: limit)
        return try await actions.list(page, of: id, for: call.caller, now: now())
    }
}

/// Which part of a list is wanted.
struct ActionPage: Sendable {
    let statuses: [ActionStatus]
    /// Sort key and id of the last row of the page before; `nil` for the first page.
    let after: [String]?
    let limit: Int
}

extension ActionStore {
    /// A page of a young person's actions, with the counts of all open and late ones.
    func list(
        _ page: ActionPage,
        of id: String,
        for caller: Caller,
        now: Timestamp
    ) async throws -> ListActionsResponse {
        try await database.read { reader in
            let member = try Caseload.member(id, for: caller, in: reader)
            let today = try LocalCalendar(timeZone: member.timeZone).day(of: now)
            var sql = "SELECT \(ActionRow.columns) FROM action WHERE young_person_id = ?"
            var arguments: [SQLValue] = [.text(id)]
            if !page.statuses.isEmpty {
                let marks = page.statuses.map { _ in "?" }.joined(separator: ", ")
                sql += " AND status IN (\(marks))"
                arguments += page.statuses.map { SQLValue($0.rawValue) }
            }
            if let after = page.after {
                sql += " AND (sort_key, id) > (?, ?)"
                arguments += after.map { .text($0) }
            }
            // One more than asked tells whether there is another page.
            sql += " ORDER BY sort_key, id LIMIT ?"
            arguments.append(SQLValue(page.limit + 1))
            let rows = try reader.rows(sql, arguments).map(ActionRow.init)
            let shown = rows.prefix(page.limit)
            let last = rows.count > page.limit ? shown.last : nil
            let counts = try Self.counts(of: id, today, in: reader)
            return ListActionsResponse(
                actions: shown.map { $0.message(today) },
                next: last.map { Cursor.encode([$0.sortKey, $0.id]) } ?? "",
                open: counts.open,
                late: counts.late
            )
        }
    }

    private static func counts(
        of id: String,
        _ today: LocalDay,
        in queries: some Queries
    ) throws -> (open: UInt32, late: UInt32) {
        let row = try queries.row(
            """
            SELECT COUNT(*) AS open, COALESCE(SUM(CASE WHEN sort_key < ? THEN 1 ELSE 0 END), 0) AS late
            FROM action WHERE young_person_id = ? AND sort_key < '1'
            """,
            [.text("0\(today)"), .text(id)]
        )
        return (
            UInt32(truncatingIfNeeded: try row?.int("open") ?? 0),
            UInt32(truncatingIfNeeded: try row?.int("late") ?? 0)
        )
    }
}
