import Storage

/// The bounds of messaging, each with its reason.
enum Limits {
    /// Unicode scalars in one message: a long letter, far below what one call may carry.
    static let messageCharacters = 1...4_000
    /// Messages or notices on one page, if the caller does not say.
    static let pageDefault = 50
    /// Messages or notices on one page at most: more than any screen shows.
    static let pageMax = 200
    /// Bytes of text on one page of messages.
    ///
    /// 200 of the longest would be 3 MiB, and an answer has to fit in one RPC message. Such a page
    /// is shorter and says that there is more.
    static let pageBytesMax = 768 * 1024
    /// Conversations in one list: six times the largest caseload known.
    static let conversationsMax = 500
    /// How long a notice is kept.
    static let noticeAge = Duration.seconds(10 * 86_400)
    /// Notices removed in one transaction: a few milliseconds, so that writers hardly wait.
    static let purgeBatch = 500
    /// Batches in one pass: a million notices, more than a day makes; the next pass goes on.
    static let purgeBatchesMax = 2_000
    /// How often old notices are looked for; listing leaves them out to the millisecond anyway.
    static let purgeInterval = Duration.seconds(3_600)

    /// Offers that a search finds in a row are told together: an import takes some seconds.
    static let gatherDelay = Duration.seconds(30)
    /// The least time between two notices of one saved search.
    static let searchNoticeInterval = Duration.seconds(3_600)
    /// After so long a young person who followed an offer's link is asked whether they applied.
    static let questionDelay = Duration.seconds(3_600)
    /// Postponed notices given out in one transaction.
    static let postponedBatch = 200
    /// How long the clock of postponed notices sleeps at most; shorter than any is postponed.
    static let postponedSleepMax = Duration.seconds(10)
    /// The wait after a failure.
    static let postponedRetryDelay = Duration.seconds(5)
    /// Characters of an offer's title in a notice.
    static let titleMax = 80
}
