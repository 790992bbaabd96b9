public import Contracts
public import RPC
import ServiceKit

extension PursuitsService {
    /// Makes one step of the calling young person with an offer, or takes it back; the same again
    /// changes nothing.
    ///
    /// - Throws: NOT_FOUND if there is no such offer; INVALID_ARGUMENT naming the field.
    public func recordStep(
        _ request: RecordStepRequest,
        _ call: CallContext
    ) async throws -> Pursuit {
        let personID = try OffersService.youngPerson(call.caller)
        let record = try StepRecord(request)
        return try await pursuits.record(record, of: personID, for: call.caller, at: now())
    }
}

/// A checked step, but for its day, which depends on what today is.
struct StepRecord: Sendable {
    let offerID: String
    let step: PursuitStep
    let answer: CompanyAnswer
    private let isTakenBack: Bool
    private let date: LocalDay?

    init(_ request: RecordStepRequest) throws(RPCError) {
        offerID = try OffersService.offerID(request.offerID, "offer_id")
        step = try Check.known(request.step, "step")
        isTakenBack = request.takenBack
        date = try Self.date(request.date)
        if request.takenBack, date != nil {
            throw .badField("date", "must be empty when a step is taken back")
        }
        if step == .answered, !request.takenBack {
            answer = try Check.known(request.answer, "answer")
        } else {
            guard request.answer == .unspecified else {
                throw .badField("answer", "must be unspecified unless the step is ANSWERED")
            }
            answer = .unspecified
        }
    }

    init(_ request: AnswerQuestionRequest) throws(RPCError) {
        offerID = try OffersService.offerID(request.offerID, "offer_id")
        step = .applied
        answer = .unspecified
        isTakenBack = false
        date = try Self.date(request.date)
        if !request.applied, date != nil {
            throw .badField("date", "must be empty unless the young person has applied")
        }
    }

    /// The day of the step; `nil` if it is taken back.
    ///
    /// - Throws: INVALID_ARGUMENT naming `date` if it is too far from `today`.
    func day(today: LocalDay) throws(RPCError) -> LocalDay? {
        if isTakenBack { return nil }
        guard let date else { return today }
        let first = today.adding(days: step == .offerSaved ? 0 : -AlertLimits.stepDaysMax)
        let last = today.adding(days: step == .interview ? AlertLimits.stepDaysMax : 0)
        guard (first...last).contains(date) else {
            throw .badField(
                "date",
                first == last
                    ? "must be empty or today (\(today))" : "must be from \(first) to \(last)"
            )
        }
        return date
    }

    private static func date(_ text: String) throws(RPCError) -> LocalDay? {
        if text.isEmpty { return nil }
        guard let day = LocalDay(text) else {
            throw .badField("date", "must be a date like 2026-11-27, or empty for today")
        }
        return day
    }
}
