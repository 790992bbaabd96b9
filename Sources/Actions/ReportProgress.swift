public import Contracts
public import RPC
import ServiceKit

extension ActionsService {
    /// Says how far an action is and what it has taken.
    ///
    /// Saying the same again changes nothing.
    ///
    /// - Throws: `ActionsError.unknownAction` if there is none among the caller's.
    public func reportProgress(
        _ request: ReportProgressRequest,
        _ call: CallContext
    ) async throws -> Action {
        let report = try ProgressReport(request)
        return try await actions.report(report, by: call.caller, now: now())
    }
}

/// A checked report of progress.
struct ProgressReport: Sendable {
    let id: String
    let progress: Progress
    private let doneMinutes: UInt32?
    private let onDate: LocalDay?

    init(_ request: ReportProgressRequest) throws(RPCError) {
        id = try Check.id(request.id, "id")
        guard let progress = request.progress else { throw .badField("progress", "is required") }
        _ = try Check.known(progress.status, "progress.status")
        switch progress.degree {
        case .percent(let percent):
            guard percent <= 100 else { throw .badField("progress.percent", "must be 0 to 100") }
        case .steps(let steps):
            guard (1...Limits.stepsMax).contains(steps.total) else {
                throw .badField("progress.steps.total", "must be 1 to \(Limits.stepsMax)")
            }
            guard steps.done <= steps.total else {
                throw .badField("progress.steps.done", "must be at most the total")
            }
        case nil:
            break
        }
        self.progress = progress
        if let minutes = request.doneMinutes, minutes > Limits.minutesMax {
            throw .badField("done_minutes", "must be at most \(Limits.minutesMax)")
        }
        doneMinutes = request.doneMinutes
        guard !request.onDate.isEmpty else {
            onDate = nil
            return
        }
        guard let day = LocalDay(request.onDate) else {
            throw .badField("on_date", "must be a date like 2026-11-24, or empty for today")
        }
        onDate = day
    }

    /// The day to which newly spent time belongs.
    func day(today: LocalDay, createdOn: LocalDay) throws(RPCError) -> LocalDay {
        guard let onDate else { return today }
        let first = createdOn.adding(days: -Limits.reportedBeforeCreationDaysMax)
        guard onDate <= today, onDate >= first else {
            throw .badField("on_date", "must be from \(first) to today (\(today))")
        }
        return onDate
    }

    /// What the action has taken in all: as reported; else an action done without any time counts
    /// its estimate, and others stay as they are.
    func minutes(of row: ActionRow) -> UInt32 {
        if let doneMinutes { return doneMinutes }
        let countsEstimate = progress.status == .done && row.doneMinutes == 0
        return countsEstimate ? row.draft.estimatedMinutes : row.doneMinutes
    }
}
