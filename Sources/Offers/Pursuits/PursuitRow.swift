import Contracts
import ServiceKit
import Storage

/// One young person and one offer as they are stored.
struct PursuitRow: Sendable, Equatable {
    let youngPersonID: String
    let offerID: String
    /// The days of the steps made.
    private(set) var days: [PursuitStep: LocalDay] = [:]
    var answer = CompanyAnswer.unspecified
    var question = AppliedQuestion.unspecified
    /// Whether the application was told to the feed.
    var isCounted = false
    var updated: Timestamp

    /// The steps in their order, with their columns.
    private static let columns: [(step: PursuitStep, column: String)] = [
        (.offerSeen, "seen_on"), (.offerSaved, "saved_on"), (.applied, "applied_on"),
        (.interview, "interview_on"), (.answered, "answered_on"),
    ]

    init(youngPersonID: String, offerID: String, updated: Timestamp) {
        self.youngPersonID = youngPersonID
        self.offerID = offerID
        self.updated = updated
    }

    /// When a step was made; `nil` takes it back.
    subscript(step: PursuitStep) -> LocalDay? {
        get { days[step] }
        set { days[step] = newValue }
    }

    /// Sets the day of a step unless it has one.
    mutating func make(_ step: PursuitStep, on day: LocalDay) {
        if days[step] == nil { days[step] = day }
    }

    /// The pursuit as callers see it.
    func message(_ offer: OfferSummary?) -> Pursuit {
        Pursuit(
            youngPersonID: youngPersonID,
            offer: offer,
            steps: Self.columns.compactMap { step, _ in
                days[step].map { DatedStep(step: step, date: $0.description) }
            },
            answer: answer,
            question: question,
            updatedMs: updated.milliseconds
        )
    }

    init(_ row: Row) throws {
        youngPersonID = try row.text("young_person_id")
        offerID = try row.text("offer_id")
        for (step, column) in Self.columns { days[step] = LocalDay(try row.text(column)) }
        answer = CompanyAnswer(rawValue: Int32(clamping: try row.int("answer")))
        question = AppliedQuestion(rawValue: Int32(clamping: try row.int("question")))
        isCounted = try row.bool("counted")
        updated = try row.timestamp("updated_ms")
    }

    /// The values of the table's columns, in order.
    var values: [SQLValue] {
        [.text(youngPersonID), .text(offerID)]
            + Self.columns.map { .text(days[$0.step]?.description ?? "") }
            + [
                SQLValue(answer.rawValue), SQLValue(question.rawValue), SQLValue(isCounted),
                SQLValue(updated),
            ]
    }
}
