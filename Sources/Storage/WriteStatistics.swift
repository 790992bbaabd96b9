/// What became of the writes since the database was opened.
public struct WriteStatistics: Sendable, Equatable {
    /// Writes waiting now.
    public var waiting = 0
    /// Commits that stored something; each costs one wait for the disk.
    public var commits: UInt64 = 0
    /// Writes stored by them.
    public var applied: UInt64 = 0
    /// Writes whose closure threw.
    public var refused: UInt64 = 0
    /// Writes lost to the disk or the engine; their callers were told.
    public var failed: UInt64 = 0
}
