import GRDB
import Synchronization

/// Group commit: writes wait in a queue, and all that wait share the next commit.
///
/// A commit waits for the disk; while it does, the next batch gathers. No write is held back to make
/// a batch larger. Within a batch each write has a savepoint: one that throws is undone alone.
final class WriteQueue: Sendable {
    private struct State {
        var waiting: [any QueuedJob<Transaction>] = []
        var isDraining = false
        var isClosed = false
        var statistics = WriteStatistics()
    }

    private let connection: Connection
    private let context: Session.Context
    private let feed: FeedSignal
    private let waitingMax: Int
    private let state = Mutex(State())

    init(
        connection: Connection,
        context: Session.Context,
        feed: FeedSignal,
        waitingMax: Int
    ) {
        self.connection = connection
        self.context = context
        self.feed = feed
        self.waitingMax = waitingMax
    }

    var statistics: WriteStatistics {
        state.withLock { state in
            var statistics = state.statistics
            statistics.waiting = state.waiting.count
            return statistics
        }
    }

    /// Queues a write; its caller is answered when it is on the disk or has failed.
    func enqueue(_ write: any QueuedJob<Transaction>) {
        let (error, starts) = state.withLock { state -> (StorageError?, Bool) in
            if state.isClosed { return (.closed, false) }
            guard state.waiting.count < waitingMax else { return (.busy("writes"), false) }
            state.waiting.append(write)
            defer { state.isDraining = true }
            return (nil, !state.isDraining)
        }
        if let error { write.fail(error) }
        if starts { drain() }
    }

    /// Refuses further writes, and queues `last` behind those that wait.
    func close(after last: any QueuedJob<Transaction>) {
        let starts = state.withLock { state -> Bool? in
            if state.isClosed { return nil }
            state.isClosed = true
            state.waiting.append(last)
            defer { state.isDraining = true }
            return !state.isDraining
        }
        if starts == nil { last.fail(StorageError.closed) }
        if starts == true { drain() }
    }

    private func drain() {
        connection.perform { engine in
            while let batch = self.nextBatch() { self.commit(batch, engine) }
        }
    }

    private func nextBatch() -> [any QueuedJob<Transaction>]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isDraining = false
                return nil
            }
            let batch = Array(state.waiting.prefix(Limits.writesPerCommitMax))
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }

    private func commit(_ batch: [any QueuedJob<Transaction>], _ engine: Engine) {
        var outcome = Outcome()
        do {
            // A rollback that failed could have left a transaction behind.
            try engine.rollback()
            try engine.run(.beginWrite)
            for write in batch where write.begin(interrupt: nil) {
                outcome.begun.append(write)
                try run(write, engine, &outcome)
            }
            try engine.run(.commit)
        } catch {
            giveUp(batch, outcome, error, engine)
            return
        }
        if let head = outcome.head { feed.publish(head: head, marks: outcome.marks) }
        let refused = outcome.refused
        let applied = outcome.begun.count - refused.count
        state.withLock { state in
            if applied > 0 { state.statistics.commits += 1 }
            state.statistics.applied += UInt64(applied)
            state.statistics.refused += UInt64(refused.count)
        }
        for write in outcome.begun {
            if let error = refused[ObjectIdentifier(write)] {
                write.fail(error)
            } else {
                write.succeed()
            }
        }
    }

    /// Runs one write in its savepoint.
    ///
    /// - Throws: what ended the whole transaction; what the write itself throws is kept in `outcome`.
    private func run(
        _ write: any QueuedJob<Transaction>,
        _ engine: Engine,
        _ outcome: inout Outcome
    ) throws {
        let session = Session(engine, context, isWrite: true)
        try engine.run(.beginOne)
        do {
            try write.run(Transaction(session: session))
            if let rollback = session.rollback { throw rollback }
        } catch {
            if let rollback = session.rollback { throw rollback }
            try engine.run(.undoOne)
            try engine.run(.keepOne)
            outcome.refused[ObjectIdentifier(write)] = error
            return
        }
        try engine.run(.keepOne)
        outcome.head = session.lastSequence ?? outcome.head
        // One beyond the bound is enough to wake everyone.
        if outcome.marks.count <= Limits.feedMarksMax { outcome.marks += session.marks }
    }

    /// Fails the writes of a batch that was not committed, and puts back those that had not begun.
    ///
    /// A write that threw on its own fails alike: it may have judged by what another of the batch
    /// wrote.
    private func giveUp(
        _ batch: [any QueuedJob<Transaction>],
        _ outcome: Outcome,
        _ error: any Error,
        _ engine: Engine
    ) {
        let error = (error as? DatabaseError).map { context.failure($0) } ?? error
        // If this fails too, the next batch tries again before it begins.
        try? engine.rollback()
        let begun = Set(outcome.begun.map { ObjectIdentifier($0) })
        // Without a transaction nobody has begun: then all fail, or the same batch would come round
        // for ever.
        let untouched = begun.isEmpty ? [] : batch.filter { !begun.contains(ObjectIdentifier($0)) }
        let failed = begun.isEmpty ? batch : outcome.begun
        state.withLock { state in
            state.waiting = untouched + state.waiting
            state.statistics.failed += UInt64(failed.count)
        }
        for write in failed { write.fail(error) }
    }

    /// What became of a batch so far.
    private struct Outcome {
        var begun: [any QueuedJob<Transaction>] = []
        var refused: [ObjectIdentifier: any Error] = [:]
        var marks: [FeedMark] = []
        var head: UInt64?
    }
}
