/// How a database is opened; the defaults suit each service.
public struct DatabaseOptions: Sendable {
    /// How many reads run at once, each on a connection of its own.
    public var readersMax: Int = Limits.readersMax
    /// How many writes may wait for a commit; the next is refused as busy.
    public var writesQueuedMax: Int = Limits.writesQueuedMax
    /// How many reads may wait for a connection; the next is refused as busy.
    public var readsQueuedMax: Int = Limits.readsQueuedMax
    /// A ceiling on the size of the file, in pages of 4 KiB, for tests of a full disk.
    var pagesMax: Int?

    /// The defaults.
    public init() {}
}
