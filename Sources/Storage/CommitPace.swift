/// Decides how long a commit is worth waiting for.
///
/// Callers who were just answered tend to come back at once. A commit that does not wait for them
/// takes the few who are there already, and all the others then wait for two turns of the disk
/// instead of one. So the writer waits a part of what the last commit took: on a quick disk hardly at
/// all, and a lone writer never.
struct CommitPace: Sendable {
    private var lastWrites = 0
    private var lastDuration = Duration.zero

    /// Notes a commit and what it took, the wait for the disk included.
    mutating func note(writes: Int, duration: Duration) {
        lastWrites = writes
        lastDuration = duration
    }

    /// So many writes are worth a commit at once.
    var enough: Int { lastWrites - lastWrites / 4 }

    /// How long after the last commit fewer than `enough` are held back.
    var patience: Duration { min(lastDuration / 4, Limits.gatherMax) }
}
