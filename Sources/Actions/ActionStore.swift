import Contracts
import RPC
import ServiceKit
import Storage

/// The only reader and writer of the `action` and `work` tables but for sums over weeks.
struct ActionStore: Sendable {
    let database: Database

    /// A new action's place: its id and whose it is, named for errors.
    struct Place: Sendable {
        let id: String
        let youngPersonID: String
        let field: String
    }

    /// Stores one action for each place, or answers those already stored under the same ids.
    ///
    /// All or none: check, rows and feed share one transaction.
    func create(
        _ draft: ActionDraft,
        at places: [Place],
        field: String,
        by caller: Caller,
        now: Timestamp
    ) async throws -> [Action] {
        try await database.write { transaction in
            try places.map { place in
                let member = try Caseload.member(place.youngPersonID, for: caller, in: transaction)
                let today = try LocalCalendar(timeZone: member.timeZone).day(of: now)
                let row = ActionRow(
                    id: place.id,
                    youngPersonID: place.youngPersonID,
                    creatorID: caller.personID ?? "",
                    isAssigned: caller != .youngPerson(place.youngPersonID),
                    draft: draft,
                    doneMinutes: 0,
                    progress: Progress(status: .toDo),
                    created: now,
                    updated: now
                )
                if let stored = try Self.find(place.id, in: transaction) {
                    guard stored.isCreated(as: row) else { throw ActionsError.idTaken(place.id) }
                    return stored.message(today)
                }
                try draft.checkDueDate(today, field)
                try Self.insert(row, in: transaction)
                let action = row.message(today)
                try Self.tell(row.isAssigned, action, member, in: transaction, at: now)
                return action
            }
        }
    }

    /// Changes an action's progress and time, if the caller may see it.
    func report(
        _ report: ProgressReport,
        by caller: Caller,
        now: Timestamp
    ) async throws -> Action {
        try await database.write { transaction in
            let (row, member) = try Self.visible(report.id, to: caller, in: transaction)
            let today = try LocalCalendar(timeZone: member.timeZone).day(of: now)
            let createdOn = try LocalCalendar(timeZone: member.timeZone).day(of: row.created)
            let day = try report.day(today: today, createdOn: createdOn)
            var changed = row
            changed.progress = report.progress
            changed.doneMinutes = report.minutes(of: row)
            guard changed != row else { return row.message(today) }
            changed.updated = now
            try Self.update(changed, in: transaction)
            try WorkDays.record(changed, from: row.doneMinutes, on: day, in: transaction)
            let action = changed.message(today)
            try transaction.append(
                ActionProgressed(action: action),
                youngPersonID: member.youngPersonID,
                counsellorID: member.counsellorID,
                at: now
            )
            return action
        }
    }

    /// One action, if the caller may see it.
    func get(_ id: String, for caller: Caller, now: Timestamp) async throws -> Action {
        try await database.read { reader in
            let (row, member) = try Self.visible(id, to: caller, in: reader)
            return row.message(try LocalCalendar(timeZone: member.timeZone).day(of: now))
        }
    }

    /// The action and whose it is.
    ///
    /// - Throws: `ActionsError.unknownAction` for a missing one and for another's alike.
    private static func visible(
        _ id: String,
        to caller: Caller,
        in queries: some Queries
    ) throws -> (ActionRow, Caseload.Member) {
        guard let row = try find(id, in: queries) else { throw ActionsError.unknownAction }
        do {
            return (row, try Caseload.member(row.youngPersonID, for: caller, in: queries))
        } catch let error as RPCError where error.code == .permissionDenied {
            throw ActionsError.unknownAction
        }
    }

    static func find(_ id: String, in queries: some Queries) throws -> ActionRow? {
        try queries.row("SELECT \(ActionRow.columns) FROM action WHERE id = ?", [.text(id)])
            .map(ActionRow.init)
    }

    static func insert(_ row: ActionRow, in transaction: Transaction) throws {
        let marks = row.values.map { _ in "?" }.joined(separator: ", ")
        try transaction.execute(
            "INSERT INTO action (\(ActionRow.columns)) VALUES (\(marks))",
            row.values
        )
    }

    private static func update(_ row: ActionRow, in transaction: Transaction) throws {
        var percent: UInt32?
        var steps: Steps?
        switch row.progress.degree {
        case .percent(let value): percent = value
        case .steps(let value): steps = value
        case nil: break
        }
        try transaction.execute(
            """
            UPDATE action SET done_minutes = ?, status = ?, percent = ?, steps_done = ?,
                steps_total = ?, updated_ms = ?, sort_key = ? WHERE id = ?
            """,
            [
                SQLValue(row.doneMinutes), SQLValue(row.progress.status.rawValue),
                SQLValue(percent), SQLValue(steps?.done), SQLValue(steps?.total),
                SQLValue(row.updated), .text(row.sortKey), .text(row.id),
            ]
        )
    }

    private static func tell(
        _ isAssigned: Bool,
        _ action: Action,
        _ member: Caseload.Member,
        in transaction: Transaction,
        at now: Timestamp
    ) throws {
        let (person, counsellor) = (member.youngPersonID, member.counsellorID)
        if isAssigned {
            try transaction.append(
                ActionAssigned(action: action),
                youngPersonID: person,
                counsellorID: counsellor,
                at: now
            )
        } else {
            try transaction.append(
                ActionAdded(action: action),
                youngPersonID: person,
                counsellorID: counsellor,
                at: now
            )
        }
    }
}

extension ActionRow {
    /// Whether `other` asks for what this row was created as, whatever happened to it since.
    func isCreated(as other: ActionRow) -> Bool {
        youngPersonID == other.youngPersonID && creatorID == other.creatorID
            && draft == other.draft
    }
}
