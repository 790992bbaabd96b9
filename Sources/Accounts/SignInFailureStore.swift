import ServiceKit
import Storage

/// The only reader and writer of the `sign_in_failure` table: wrong tries per account and day.
///
/// A day is a day of UTC, the same for all accounts. Addresses without account are counted too,
/// under a hash: otherwise the refusal would tell which addresses have one.
enum SignInFailureStore {
    /// The name under which tries are counted.
    static func account(_ account: Account?, emailKey: String) -> String {
        account?.id ?? Base64URL.text(Digest.sha256(Array(emailKey.utf8)))
    }

    /// Refuses an account that has used up the day's wrong tries.
    ///
    /// - Throws: `AccountsError.tooManyTries` with the instant at which the next day begins.
    static func check(_ account: String, at now: Timestamp, in queries: some Queries) throws {
        let day = day(of: now)
        let tries = try queries.row(
            "SELECT tries FROM sign_in_failure WHERE day = ? AND account = ?",
            [.integer(day), .text(account)]
        )?.int("tries")
        guard let tries, tries >= Limits.wrongTriesPerDayMax else { return }
        throw AccountsError.tooManyTries(
            until: "\(LocalDay(number: Int(day) + 1)) 00:00 UTC",
            wait: .milliseconds((day + 1) * dayMs - now.milliseconds)
        )
    }

    /// Counts a wrong try and forgets the days before.
    static func count(_ account: String, at now: Timestamp, in transaction: Transaction) throws {
        let day = day(of: now)
        try transaction.execute("DELETE FROM sign_in_failure WHERE day < ?", [.integer(day)])
        try transaction.execute(
            """
            INSERT INTO sign_in_failure (day, account, tries) VALUES (?, ?, 1)
            ON CONFLICT (day, account) DO UPDATE SET tries = sign_in_failure.tries + 1
            """,
            [.integer(day), .text(account)]
        )
    }

    private static let dayMs: Int64 = 86_400_000

    /// Days since 1 January 1970.
    private static func day(of now: Timestamp) -> Int64 { now.milliseconds / dayMs }
}
