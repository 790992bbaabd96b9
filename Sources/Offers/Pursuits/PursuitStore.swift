import Contracts
import RPC
import ServiceKit
import Storage

/// The only reader and writer of the `pursuit` table.
struct PursuitStore: Sendable {
    let database: Database

    /// Makes a step or takes it back.
    ///
    /// - Throws: `OffersError.unknownOffer`; INVALID_ARGUMENT naming `date`; PERMISSION_DENIED.
    func record(
        _ record: StepRecord,
        of personID: String,
        for caller: Caller,
        at now: Timestamp
    ) async throws -> Pursuit {
        try await database.write { transaction in
            let member = try Caseload.member(personID, for: caller, in: transaction)
            let day = try record.day(today: member.today(now))
            if record.step == .offerSaved {
                // The favourite and this step are one.
                if day == nil {
                    try FavouriteStore.remove(record.offerID, of: member, at: now, in: transaction)
                } else {
                    _ = try FavouriteStore.add(record.offerID, of: member, at: now, in: transaction)
                }
            }
            return try Self.change(record.offerID, of: member, at: now, in: transaction) { row in
                guard record.step != .offerSaved else { return }
                row[record.step] = day
                if record.step == .answered {
                    row.answer = day == nil ? .unspecified : record.answer
                    try ApplicationStore.setAnswer(row.answer, to: row, in: transaction)
                }
                if record.step == .applied, day != nil, row.question == .questionOpen {
                    row.question = .questionAnswered
                }
            }
        }
    }

    /// Answers "have you applied?".
    ///
    /// - Throws: `PursuitsError.nothingAsked`; `OffersError.unknownOffer`; INVALID_ARGUMENT naming
    ///   `date`; PERMISSION_DENIED.
    func answerQuestion(
        _ record: StepRecord,
        hasApplied: Bool,
        of personID: String,
        for caller: Caller,
        at now: Timestamp
    ) async throws -> Pursuit {
        try await database.write { transaction in
            let member = try Caseload.member(personID, for: caller, in: transaction)
            let day = try record.day(today: member.today(now))
            return try Self.change(record.offerID, of: member, at: now, in: transaction) { row in
                guard row.question != .unspecified else { throw PursuitsError.nothingAsked }
                row.question = .questionAnswered
                if hasApplied, let day { row.make(.applied, on: day) }
            }
        }
    }

    /// A page of pursuits, latest changed first, and whether the young person shares; none to a
    /// counsellor with whom they do not.
    func list(
        _ personID: String,
        for caller: Caller,
        after: PagePosition?,
        limit: Int
    ) async throws -> (pursuits: [Pursuit], isShared: Bool) {
        try await database.read { reader in
            let member = try Caseload.member(personID, for: caller, in: reader)
            let isShared = try Sharing.isShared(personID, in: reader)
            guard try Sharing.isOpen(member, to: caller, in: reader) else { return ([], false) }
            let start = after ?? .latest
            let pursuits = try reader.rows(
                """
                SELECT p.*, o.detail AS detail FROM pursuit p JOIN offer o ON o.id = p.offer_id
                WHERE p.young_person_id = ? AND (p.updated_ms, p.offer_id) < (?, ?)
                ORDER BY p.updated_ms DESC, p.offer_id DESC LIMIT ?
                """,
                [.text(personID), .integer(start.ms), .text(start.id), SQLValue(limit)]
            ).map { row in
                let offer = try Offer(serializedBytes: row.blob("detail"))
                return try PursuitRow(row).message(offer.summary)
            }
            return (pursuits, isShared)
        }
    }

    /// Keeps whether a young person shares.
    func setSharing(
        _ isShared: Bool,
        of personID: String,
        for caller: Caller,
        at now: Timestamp
    ) async throws {
        try await database.write { transaction in
            let member = try Caseload.member(personID, for: caller, in: transaction)
            try Sharing.set(isShared, of: member, at: now, in: transaction)
        }
    }
}

extension PursuitStore {
    /// Changes a pursuit and tells the feed if that made a difference; the first application also
    /// as such.
    ///
    /// - Throws: `OffersError.unknownOffer`, `PursuitsError.tooManyPursuits`, what `body` throws.
    @discardableResult
    static func change(
        _ offerID: String,
        of member: Caseload.Member,
        at now: Timestamp,
        in transaction: Transaction,
        _ body: (inout PursuitRow) throws -> Void
    ) throws -> Pursuit {
        guard let found = try OfferStore.find(offerID, in: transaction) else {
            throw OffersError.unknownOffer
        }
        let personID = member.youngPersonID
        let stored = try find(offerID, personID, in: transaction)
        let before =
            stored ?? PursuitRow(youngPersonID: personID, offerID: offerID, updated: now)
        var row = before
        try body(&row)
        guard row != before else { return row.message(found.offer.summary) }
        if stored == nil { try makeRoom(for: personID, in: transaction) }
        row.updated = now
        let counsellorID = try Sharing.counsellor(of: member, in: transaction)
        if let day = row[.applied], !row.isCounted {
            row.isCounted = true
            try transaction.append(
                ApplicationMade(
                    youngPersonID: personID,
                    offerID: offerID,
                    kind: found.offer.summary?.kind ?? .unspecified,
                    title: counsellorID.isEmpty ? "" : found.offer.summary?.title ?? "",
                    date: day.description
                ),
                youngPersonID: personID,
                counsellorID: counsellorID,
                at: now
            )
        }
        try store(row, in: transaction)
        let pursuit = row.message(found.offer.summary)
        try transaction.append(
            PursuitChanged(pursuit: pursuit),
            youngPersonID: personID,
            counsellorID: counsellorID,
            at: now
        )
        return pursuit
    }

    private static func find(
        _ offerID: String,
        _ personID: String,
        in queries: some Queries
    ) throws -> PursuitRow? {
        try queries.row(
            "SELECT * FROM pursuit WHERE young_person_id = ? AND offer_id = ?",
            [.text(personID), .text(offerID)]
        ).map(PursuitRow.init)
    }

    private static func store(_ row: PursuitRow, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO pursuit (young_person_id, offer_id, seen_on, saved_on, applied_on,
                interview_on, answered_on, answer, question, counted, updated_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (young_person_id, offer_id) DO UPDATE SET seen_on = excluded.seen_on,
                saved_on = excluded.saved_on, applied_on = excluded.applied_on,
                interview_on = excluded.interview_on, answered_on = excluded.answered_on,
                answer = excluded.answer, question = excluded.question,
                counted = excluded.counted, updated_ms = excluded.updated_ms
            """,
            row.values
        )
    }

    /// Forgets the oldest offer that was seen and no more, if there are too many.
    private static func makeRoom(for personID: String, in transaction: Transaction) throws {
        let count = try transaction.row(
            "SELECT COUNT(*) AS count FROM pursuit WHERE young_person_id = ?",
            [.text(personID)]
        )?.int("count")
        guard count ?? 0 >= AlertLimits.pursuitsMax else { return }
        let forgotten = try transaction.execute(
            """
            DELETE FROM pursuit WHERE (young_person_id, offer_id) IN (
                SELECT young_person_id, offer_id FROM pursuit
                WHERE young_person_id = ? AND saved_on = '' AND applied_on = ''
                    AND interview_on = '' AND answered_on = '' AND question = 0 AND counted = 0
                ORDER BY updated_ms LIMIT 1)
            """,
            [.text(personID)]
        )
        guard forgotten > 0 else { throw PursuitsError.tooManyPursuits }
    }
}

extension Caseload.Member {
    /// The day it is at `now` where the young person is.
    func today(_ now: Timestamp) throws -> LocalDay {
        try LocalCalendar(timeZone: timeZone).day(of: now)
    }
}
