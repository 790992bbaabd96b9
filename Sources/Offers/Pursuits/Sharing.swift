import Contracts
import ServiceKit
import Storage

/// Whether young people show their counsellor what they look for: the `sharing` table.
///
/// Who never said anything does.
enum Sharing {
    static func isShared(_ personID: String, in queries: some Queries) throws -> Bool {
        try queries.row(
            "SELECT shared FROM sharing WHERE young_person_id = ?",
            [.text(personID)]
        )?.bool("shared") ?? true
    }

    /// Whether `caller`, who may see the member, may see what the member looks for.
    static func isOpen(
        _ member: Caseload.Member,
        to caller: Caller,
        in queries: some Queries
    ) throws -> Bool {
        if caller == .youngPerson(member.youngPersonID) { return true }
        return try isShared(member.youngPersonID, in: queries)
    }

    /// The counsellor to whom the feed tells what the member does; empty if the member does not
    /// share.
    static func counsellor(of member: Caseload.Member, in queries: some Queries) throws -> String {
        try isShared(member.youngPersonID, in: queries) ? member.counsellorID : ""
    }

    /// Keeps what a young person says, and tells the feed if it is new.
    static func set(
        _ isShared: Bool,
        of member: Caseload.Member,
        at now: Timestamp,
        in transaction: Transaction
    ) throws {
        guard try Self.isShared(member.youngPersonID, in: transaction) != isShared else { return }
        try transaction.execute(
            """
            INSERT INTO sharing (young_person_id, shared) VALUES (?, ?)
            ON CONFLICT (young_person_id) DO UPDATE SET shared = excluded.shared
            """,
            [.text(member.youngPersonID), SQLValue(isShared)]
        )
        // The counsellor learns in any case: else their page would go on to show what it had.
        try transaction.append(
            SharingChanged(shared: isShared),
            youngPersonID: member.youngPersonID,
            counsellorID: member.counsellorID,
            at: now
        )
    }
}
