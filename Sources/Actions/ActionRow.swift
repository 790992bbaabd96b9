import Contracts
import ServiceKit
import Storage

/// An action as it is stored.
struct ActionRow: Sendable, Equatable {
    let id: String
    let youngPersonID: String
    let creatorID: String
    let isAssigned: Bool
    let draft: ActionDraft
    var doneMinutes: UInt32
    var progress: Progress
    let created: Timestamp
    var updated: Timestamp

    var isOpen: Bool { progress.status == .toDo || progress.status == .inProgress }

    /// Open actions by due date, those without one last; behind them the ended ones, latest first.
    var sortKey: String {
        if isOpen { return "0\(draft.dueDate?.description ?? Self.noDueDate)" }
        return "1\(Self.endOfTime - updated.milliseconds)"
    }

    /// Sorts behind every date.
    static let noDueDate = "9999-99-99"
    // Keeps 13 digits, so that keys compare as numbers do, until the year 2255.
    private static let endOfTime: Int64 = 9_999_999_999_999

    /// The action as callers see it on `today`.
    func message(_ today: LocalDay) -> Action {
        Action(
            id: id,
            youngPersonID: youngPersonID,
            creatorID: creatorID,
            assigned: isAssigned,
            catalogueID: draft.catalogueID,
            content: draft.content,
            description: draft.description,
            category: draft.category,
            dueDate: draft.dueDate?.description ?? "",
            estimatedMinutes: draft.estimatedMinutes,
            doneMinutes: doneMinutes,
            progress: progress,
            createdMs: created.milliseconds,
            updatedMs: updated.milliseconds,
            late: isOpen && draft.dueDate.map { $0 < today } ?? false
        )
    }
}

extension ActionRow {
    static let columns = """
        id, young_person_id, creator_id, assigned, catalogue_id, content, description, category,
        due_date, estimated_minutes, done_minutes, status, percent, steps_done, steps_total,
        created_ms, updated_ms, sort_key
        """

    /// The values of `columns`, in order.
    var values: [SQLValue] {
        var percent: UInt32?
        var steps: Steps?
        switch progress.degree {
        case .percent(let value): percent = value
        case .steps(let value): steps = value
        case nil: break
        }
        return [
            .text(id), .text(youngPersonID), .text(creatorID), SQLValue(isAssigned),
            .text(draft.catalogueID), .text(draft.content), .text(draft.description),
            SQLValue(draft.category.rawValue), .text(draft.dueDate?.description ?? ""),
            SQLValue(draft.estimatedMinutes), SQLValue(doneMinutes),
            SQLValue(progress.status.rawValue), SQLValue(percent), SQLValue(steps?.done),
            SQLValue(steps?.total), SQLValue(created), SQLValue(updated), .text(sortKey),
        ]
    }

    init(_ row: Row) throws {
        id = try row.text("id")
        youngPersonID = try row.text("young_person_id")
        creatorID = try row.text("creator_id")
        isAssigned = try row.bool("assigned")
        draft = ActionDraft(
            catalogueID: try row.text("catalogue_id"),
            content: try row.text("content"),
            description: try row.text("description"),
            category: Category(rawValue: Int32(truncatingIfNeeded: try row.int("category"))),
            dueDate: LocalDay(try row.text("due_date")),
            estimatedMinutes: UInt32(truncatingIfNeeded: try row.int("estimated_minutes"))
        )
        doneMinutes = UInt32(truncatingIfNeeded: try row.int("done_minutes"))
        progress = Progress(
            status: ActionStatus(rawValue: Int32(truncatingIfNeeded: try row.int("status"))),
            degree: try Self.degree(row)
        )
        created = try row.timestamp("created_ms")
        updated = try row.timestamp("updated_ms")
    }

    private static func degree(_ row: Row) throws -> Progress.Degree? {
        if let percent = try row.optionalInt("percent") {
            return .percent(UInt32(truncatingIfNeeded: percent))
        }
        guard let done = try row.optionalInt("steps_done"),
            let total = try row.optionalInt("steps_total")
        else { return nil }
        return .steps(
            Steps(done: UInt32(truncatingIfNeeded: done), total: UInt32(truncatingIfNeeded: total))
        )
    }
}

extension ActionDraft {
    init(
        catalogueID: String,
        content: String,
        description: String,
        category: Category,
        dueDate: LocalDay?,
        estimatedMinutes: UInt32
    ) {
        self.catalogueID = catalogueID
        self.content = content
        self.description = description
        self.category = category
        self.dueDate = dueDate
        self.estimatedMinutes = estimatedMinutes
    }
}
