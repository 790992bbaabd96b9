import ServiceKit
import Storage

/// Removes notices that are too old, for as long as the process runs.
///
/// Listing leaves them out anyway; this keeps the table from growing. Each batch is a transaction
/// of its own, so that senders get their turn in between.
struct NoticePurge: Sendable {
    let notices: NoticeStore
    var postponed: PostponedNotices { PostponedNotices(database: notices.database) }
    let now: @Sendable () -> Timestamp
    let sleep: @Sendable (Duration) async throws -> Void
    let report: @Sendable (any Error) -> Void

    /// Makes a pass now and then, until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                _ = try await pass()
            } catch {
                if Task.isCancelled { return }
                report(error)
            }
            try? await sleep(Limits.purgeInterval)
        }
    }

    /// Removes all that is too old now, up to `Limits.purgeBatchesMax` batches; answers how many
    /// notices.
    ///
    /// What is left of postponed notices goes with them: it kept the same from being told twice.
    func pass() async throws -> Int {
        var removed = 0
        for _ in 0..<Limits.purgeBatchesMax {
            try Task.checkCancellation()
            let batch = try await notices.purge(at: now())
            removed += batch
            guard batch == Limits.purgeBatch else { break }
        }
        for _ in 0..<Limits.purgeBatchesMax {
            try Task.checkCancellation()
            guard try await postponed.purge(at: now()) == Limits.purgeBatch else { break }
        }
        return removed
    }
}
