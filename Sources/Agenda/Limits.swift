/// The bounds of the agenda, each with its unit and reason.
enum Limits {
    /// Characters of a title: one line on a phone's lock screen and some more.
    static let titleCharactersMax = 200
    /// Characters of a comment.
    static let commentCharactersMax = 1_024
    /// Characters of an address.
    static let addressCharactersMax = 250
    /// Characters of a link: what browsers and mail programs all carry.
    static let linkCharactersMax = 2_000
    /// Characters of a telephone number, with spaces and country code.
    static let telephoneCharactersMax = 30
    /// Characters of the reason of a cancellation.
    static let reasonCharactersMax = 250

    /// The longest appointment.
    ///
    /// Listings rely on it: one that starts earlier before a period cannot reach into it.
    static let appointmentMsMax: Int64 = 24 * 3_600_000
    /// How far back an appointment may start: the longest calendar year, so that no date "within
    /// a year" is refused.
    static let startsBackMax = Duration.seconds(366 * 86_400)
    /// How far ahead an appointment may start: the longest two calendar years.
    static let startsAheadMax = Duration.seconds(731 * 86_400)

    /// Appointments on a page when the request does not say.
    static let pageDefault = 100
    /// Appointments on a page at most.
    static let pageMax = 500
    /// Bytes of a page's appointments; a page of very long ones ends early.
    ///
    /// Together with the cursor it stays below the 1 MiB that every peer accepts as a message.
    static let pageBytesMax = 900_000
    /// Bytes of an appointment beside its texts: ids, numbers, zone and two reminders, generously.
    static let appointmentFixedBytesMax = 512

    /// Reminders given out in one transaction: 10,000 due on one second take 20 transactions, and
    /// a booking waits for at most one of them.
    static let reminderBatchMax = 500
    /// The longest that the reminder clock sleeps, so that it soon notices when the machine's
    /// clock was set.
    static let reminderSleepMax = Duration.seconds(30)
    /// How long the reminder clock waits after a failure, such as a full disk.
    static let reminderRetryDelay = Duration.seconds(5)
}
