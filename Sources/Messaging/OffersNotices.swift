import Contracts
import RPC
import ServiceKit
import Storage

/// What the changes of offers' feed tell people.
///
/// A suggestion and its answer are told at once. What saved searches find is gathered, and "have you
/// applied?" is asked some time after a link was followed.
enum OffersNotices {
    static let source = "offers"

    static let kinds = [
        OffersFound.fullName, SearchSaved.fullName, SearchDeleted.fullName,
        SuggestionMade.fullName, SuggestionAnswered.fullName, PursuitChanged.fullName,
    ]

    /// Brings one change in.
    ///
    /// - Throws: if the change's body is not the message that its kind names.
    @Sendable
    static func apply(_ change: Change, at now: Timestamp, in transaction: Transaction) throws {
        // As old as notices that are removed: a feed read again does not bring them back.
        guard Timestamp(milliseconds: change.timeMs) >= NoticeStore.oldest(at: now) else { return }
        switch change.kind {
        case OffersFound.fullName:
            let found = try OffersFound(serializedBytes: change.body)
            guard !found.youngPersonID.isEmpty, found.count > 0 else { return }
            try PostponedNotices.add(
                found.count,
                named: found.name,
                to: search(found.searchID, of: found.youngPersonID),
                change: change.sequence,
                at: now,
                in: transaction
            )
        case SearchSaved.fullName:
            let saved = try SearchSaved(serializedBytes: change.body).search ?? SavedSearch()
            try PostponedNotices.rename(
                search(saved.id, of: saved.youngPersonID),
                to: saved.search?.name ?? "",
                in: transaction
            )
        case SearchDeleted.fullName:
            let id = try SearchDeleted(serializedBytes: change.body).searchID
            try PostponedNotices.drop(search(id, of: change.youngPersonID), in: transaction)
        case SuggestionMade.fullName, SuggestionAnswered.fullName:
            guard let draft = try suggestion(change, in: transaction) else { return }
            try NoticeStore.add(draft, at: now, in: transaction)
        case PursuitChanged.fullName:
            let pursuit = try PursuitChanged(serializedBytes: change.body).pursuit
            if let pursuit { try question(pursuit, change, at: now, in: transaction) }
        default:
            break
        }
    }

    private static func search(_ id: String, of personID: String) -> PostponedNotices.Subject {
        PostponedNotices.Subject(personID: personID, kind: .offersFound, id: id)
    }

    /// "Have you applied?" is planned when it is open for the first time, and dropped when it was
    /// answered before it was asked.
    private static func question(
        _ pursuit: Pursuit,
        _ change: Change,
        at now: Timestamp,
        in transaction: Transaction
    ) throws {
        guard let offer = pursuit.offer, !pursuit.youngPersonID.isEmpty else { return }
        let subject = PostponedNotices.Subject(
            personID: pursuit.youngPersonID,
            kind: .appliedQuestioned,
            id: offer.id
        )
        switch pursuit.question {
        case .questionOpen:
            try PostponedNotices.planOnce(
                subject,
                named: offer.title,
                due: now + Limits.questionDelay,
                change: change.sequence,
                in: transaction
            )
        case .questionAnswered:
            try PostponedNotices.drop(subject, in: transaction)
        case .unspecified, .unrecognized:
            break
        }
    }

    /// The notice of a suggestion to the young person, or of its answer to the counsellor; `nil` if
    /// nobody is named.
    private static func suggestion(
        _ change: Change,
        in queries: some Queries
    ) throws -> NoticeDraft? {
        let isAnswer = change.kind == SuggestionAnswered.fullName
        let suggestion =
            isAnswer
            ? try SuggestionAnswered(serializedBytes: change.body).suggestion
            : try SuggestionMade(serializedBytes: change.body).suggestion
        guard let suggestion else { return nil }
        let recipient =
            isAnswer
            ? Participant(personID: change.counsellorID, side: .counsellorSide)
            : Participant(personID: suggestion.youngPersonID, side: .youngPersonSide)
        guard !recipient.personID.isEmpty else { return nil }
        return NoticeDraft(
            recipient: recipient,
            kind: isAnswer ? .suggestionReplied : .suggestionReceived,
            time: Timestamp(milliseconds: change.timeMs),
            subjectID: suggestion.id,
            youngPersonID: suggestion.youngPersonID,
            text: isAnswer
                ? NoticeText.suggestionAnswered(
                    isAccepted: suggestion.state == .suggestionAccepted,
                    by: try Caseload.find(suggestion.youngPersonID, in: queries)
                )
                : NoticeText.suggested(isOffer: suggestion.offer != nil),
            source: source,
            sourceSequence: change.sequence
        )
    }
}
