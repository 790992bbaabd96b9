/// Every bound of this target, with its unit and its reason.
enum Limits {
    /// Reads at once.
    ///
    /// More would only take turns on a machine of a few cores, and each connection has a cache of
    /// `cacheKiB`.
    static let readersMax = 4
    /// Writes waiting for a commit.
    ///
    /// At some 12,000 a second sharing commits, the last waits a third of a second; who comes later
    /// is better served by an early "try again".
    static let writesQueuedMax = 4_096
    /// Writes that share one commit: keeps the first of a batch from waiting for all of a crowd.
    static let writesPerCommitMax = 512
    /// The longest that a commit is held back for more writes to share it.
    ///
    /// Far below what anyone notices, and what a slow disk's wait is made shorter by.
    static let gatherMax = Duration.milliseconds(2)
    /// Reads waiting for a connection, for the same reason as writes.
    static let readsQueuedMax = 4_096
    /// Readers of the feed waiting for a change: ten times the streams that one service is to serve.
    static let feedWaitersMax = 100_000

    /// Distinct SQL texts kept compiled on each connection.
    ///
    /// The services have some two hundred; a text composed at run time beyond that is compiled on
    /// each use.
    static let statementsCachedMax = 512
    /// Page cache of each connection, KiB.
    ///
    /// Five services of five connections stay below 200 MiB.
    static let cacheKiB = 8_192
    /// Bytes of the file mapped into memory: none.
    ///
    /// A file cut short under a mapping ends the process with a signal; a failed read is an error.
    static let mappedBytes = 0
    /// Pages of the write-ahead log (4 KiB each) after which a commit copies it into the database.
    ///
    /// 16 MiB: a page written often is copied once, and a restart re-reads the log in a moment.
    static let checkpointPages = 4_096
    /// The log is cut to this many bytes when a checkpoint resets it, should a long read have made
    /// it grow.
    static let logBytesKept = 67_108_864
    /// How long a statement waits for a lock that another program holds, milliseconds.
    ///
    /// A start must fail within 2 s.
    static let busyTimeoutMs = 1_000
    /// How long the check for damage may take at start, milliseconds.
    ///
    /// A service is to be ready in 3 s. Measured 2026-11-23: 0.7 s for 500 MB from the page cache;
    /// 2.9 GB were broken off after 1.0 s, also when nothing was cached.
    static let damageCheckMs = 1_000
    /// Free space below which the database calls itself unwell, bytes: one log and one checkpoint.
    static let freeBytesMin: UInt64 = 33_554_432

    /// Entries of the feed looked at in one call, matching or not.
    static let feedScanMax = 10_000
    /// Bytes of bodies in one page of the feed, so that a page fits a frame of 4 MiB.
    ///
    /// One entry is always given.
    static let feedPageBytesMax = 1_048_576
    /// Entries of one commit that are compared with what waiters wait for; of more, all are woken.
    static let feedMarksMax = 1_024

    /// Milliseconds between two interruptions of a cancelled read that still runs: soon enough for
    /// whoever waits for its place, rare enough to cost nothing.
    static let interruptAgainMs = 10
}
