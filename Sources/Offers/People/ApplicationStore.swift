import Contracts
import RPC
import ServiceKit
import Storage

/// The only reader and writer of the `application` table.
struct ApplicationStore: Sendable {
    let database: Database

    /// What a young person asks for.
    struct Draft: Sendable {
        let id: String
        let youngPersonID: String
        let offerID: String
        let message: String
    }

    /// Remembers an application and tells the feed; the same again is answered with the first.
    ///
    /// Whether the company may be written to is checked in the transaction that writes, so that two
    /// messages at once cannot both pass.
    ///
    /// - Throws: `OffersError`; INVALID_ARGUMENT naming `message` if it does not fit the offer;
    ///   PERMISSION_DENIED.
    func apply(_ draft: Draft, for caller: Caller, at now: Timestamp) async throws -> Application {
        try await database.write { transaction in
            let member = try Caseload.member(draft.youngPersonID, for: caller, in: transaction)
            if let stored = try Self.find(draft.id, in: transaction) {
                guard stored.youngPersonID == draft.youngPersonID,
                    stored.offer?.id == draft.offerID, stored.message == draft.message
                else { throw OffersError.applicationExists }
                return stored
            }
            guard let found = try OfferStore.find(draft.offerID, in: transaction) else {
                throw OffersError.unknownOffer
            }
            var application = Application(
                id: draft.id,
                youngPersonID: draft.youngPersonID,
                offer: found.offer.summary,
                appliedMs: now.milliseconds,
                message: draft.message
            )
            let company = found.siret.isEmpty ? draft.offerID : found.siret
            try Self.decide(&application, found.offer)
            if application.state == .messageWaiting {
                try Self.checkWait(company, member, at: now, in: transaction)
            }
            try Self.insert(application, company: company, in: transaction)
            var told = application
            told.message = ""
            try transaction.append(
                OfferApplied(application: told),
                youngPersonID: draft.youngPersonID,
                counsellorID: try Sharing.counsellor(of: member, in: transaction),
                at: now
            )
            let today = try member.today(now)
            try PursuitStore.change(draft.offerID, of: member, at: now, in: transaction) { row in
                if application.state == .messageWaiting {
                    // Writing to the company is how one applies for an immersion.
                    row.make(.applied, on: today)
                } else if row.question == .unspecified, row[.applied] == nil {
                    // Where the link leads is not seen here: the young person is asked, once.
                    row.question = .questionOpen
                }
            }
            return application
        }
    }

    /// A page of applications, latest first.
    func list(
        _ personID: String,
        for caller: Caller,
        after: PagePosition?,
        limit: Int
    ) async throws -> [Application] {
        try await database.read { reader in
            let member = try Caseload.member(personID, for: caller, in: reader)
            guard try Sharing.isOpen(member, to: caller, in: reader) else { return [] }
            let start = after ?? .latest
            return try reader.rows(
                """
                \(Self.select)
                WHERE a.young_person_id = ? AND (a.applied_ms, a.id) < (?, ?)
                ORDER BY a.applied_ms DESC, a.id DESC LIMIT ?
                """,
                [.text(personID), .integer(start.ms), .text(start.id), SQLValue(limit)]
            ).map(Self.application)
        }
    }

    /// Keeps what a company answered to the messages about an offer; `unspecified`: nothing yet.
    static func setAnswer(
        _ answer: CompanyAnswer,
        to pursuit: PursuitRow,
        in transaction: Transaction
    ) throws {
        let state: ApplicationState =
            switch answer {
            case .companyAccepted: .messageAccepted
            case .companyRefused: .messageRefused
            case .unspecified, .unrecognized: .messageWaiting
            }
        try transaction.execute(
            """
            UPDATE application SET state = ?
            WHERE young_person_id = ? AND offer_id = ? AND state <> ?
            """,
            [
                SQLValue(state.rawValue), .text(pursuit.youngPersonID), .text(pursuit.offerID),
                SQLValue(ApplicationState.linkFollowed.rawValue),
            ]
        )
    }

    /// By link or by message, as the offer has it.
    private static func decide(_ application: inout Application, _ offer: Offer) throws {
        if offer.summary?.kind == .immersion {
            application.message = try Check.text(
                application.message,
                "message",
                1...OfferLimits.messageMax
            )
            application.state = .messageWaiting
            return
        }
        guard application.message.isEmpty else {
            throw RPCError.badField(
                "message",
                "must be empty: this offer is applied to by its link"
            )
        }
        guard !offer.applyURL.isEmpty else { throw OffersError.nowhereToApply }
        application.state = .linkFollowed
        application.applyURL = offer.applyURL
    }

    private static func checkWait(
        _ company: String,
        _ member: Caseload.Member,
        at now: Timestamp,
        in queries: some Queries
    ) throws {
        let wait = Duration.seconds(86_400 * OfferLimits.daysBetweenMessages)
        let last = try queries.row(
            """
            SELECT MAX(applied_ms) AS applied_ms FROM application
            WHERE young_person_id = ? AND company = ? AND state <> ?
            """,
            [
                .text(member.youngPersonID), .text(company),
                SQLValue(ApplicationState.linkFollowed.rawValue),
            ]
        )?.optionalTimestamp("applied_ms")
        guard let last, now < last + wait else { return }
        let calendar = try LocalCalendar(timeZone: member.timeZone)
        // The day on which the wait is over, or the next if it ends within the day.
        throw OffersError.writtenTooRecently(again: calendar.day(of: last + wait))
    }

    private static func insert(
        _ application: Application,
        company: String,
        in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO application
                (id, young_person_id, offer_id, company, state, apply_url, message, applied_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(application.id), .text(application.youngPersonID),
                .text(application.offer?.id ?? ""), .text(company),
                SQLValue(application.state.rawValue), .text(application.applyURL),
                .text(application.message), .integer(application.appliedMs),
            ]
        )
    }

    private static let select = """
        SELECT a.id AS id, a.young_person_id AS young_person_id, a.state AS state,
            a.apply_url AS apply_url, a.message AS message, a.applied_ms AS applied_ms,
            o.detail AS detail
        FROM application a JOIN offer o ON o.id = a.offer_id
        """

    private static func find(_ id: String, in queries: some Queries) throws -> Application? {
        try queries.row("\(select) WHERE a.id = ?", [.text(id)]).map(application)
    }

    private static func application(_ row: Row) throws -> Application {
        Application(
            id: try row.text("id"),
            youngPersonID: try row.text("young_person_id"),
            offer: try Offer(serializedBytes: row.blob("detail")).summary,
            state: ApplicationState(rawValue: Int32(clamping: try row.int("state"))),
            appliedMs: try row.int("applied_ms"),
            applyURL: try row.text("apply_url"),
            message: try row.text("message")
        )
    }
}
