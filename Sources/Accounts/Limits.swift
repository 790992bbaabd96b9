/// Every bound of this domain, with its unit and its reason.
enum Limits {
    /// Wrong tries on one account in one day of UTC; the day's end is the time to come back.
    static let wrongTriesPerDayMax: Int64 = 25
    /// Open sessions of one person; one more ends the session that was used longest ago, so that
    /// the list stays short enough for one answer and for a reader.
    static let sessionsPerPersonMax = 20
    /// How long a session lasts from sign-in.
    static let sessionLifetime = Duration.seconds(30 * 86_400)
    /// How far `used_ms` may lag behind the last use: one write an hour instead of one a call.
    static let sessionUseGrain = Duration.seconds(3_600)
    /// Bytes of randomness in a session's token: 256 bits cannot be guessed.
    static let tokenBytes = 32
    /// How long an activation code works: a week, the time between two appointments.
    static let activationCodeLifetime = Duration.seconds(7 * 86_400)
    /// Young people of one counsellor.
    ///
    /// Forty is usual; this many of the largest accounts still fit in one message of 1 MiB.
    static let caseloadMax = 500

    /// Password hashes that wait for a free core, per core.
    ///
    /// One takes about a quarter of a second, so that the last in the queue waits some 4 s of the
    /// 10 s that its call has.
    static let hashesWaitingPerCoreMax = 16
    /// When a caller who found the queue full may come back.
    static let busyRetryAfter = Duration.seconds(3)

    /// Bytes of an import: a million lines of the usual 180 bytes and some room.
    static let importBytesMax = 256 << 20
    /// Bytes of one message of an import, as the API says.
    static let importPieceBytesMax = 256 << 10
    /// Lines of an import: more than twice all young people of the scheme.
    ///
    /// They are held in memory until the last one is known to be good.
    static let importLinesMax = 1_000_000
    /// Bytes of one import record: ten times the longest good one; bounds what a quote that is
    /// never closed can swallow.
    static let importRecordBytesMax = 16 << 10
    /// Faults that a refused import names: enough for one round of mending.
    static let importFaultsMax = 100
    /// Bytes of the faults that a refused import names: an error travels in a header of 16 KiB.
    static let importFaultBytesMax = 15_000
    /// Keys looked up in one statement: well below SQLite's bound on arguments.
    static let keysPerQueryMax = 500

    static let namesLength = 1...100
    static let structureNameLength = 1...200
    static let passwordLength = 12...128
    static let deviceLength = 0...100
    /// Bytes of an e-mail address.
    ///
    /// Source: RFC 5321 §4.5.3.1.3, less the angle brackets.
    static let emailBytesMax = 254
    /// Bytes before the @.
    ///
    /// Source: RFC 5321 §4.5.3.1.1.
    static let emailLocalBytesMax = 64
}
