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
}
