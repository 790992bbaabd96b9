import Dispatch
import GRDB
import Synchronization

/// Group commit: writes wait in a queue, and all that wait share the next commit.
///
/// A commit waits for the disk; while it does, the next batch gathers, for a moment longer if
/// `CommitPace` says so. A write that throws is undone alone.
///
/// Nearly always no write of a batch throws after it has written, and a savepoint for each costs a
/// third of what the writes themselves do, as SQLite copies each page that changes under one. So a
/// batch is first run without; when one of it has to be undone, all is, and those that had run are
/// run again, each in a savepoint.
final class WriteQueue: Sendable {
    fileprivate struct State {
        var waiting: [any QueuedJob<Transaction>] = []
        var isDraining = false
        var isClosed = false
        var statistics = WriteStatistics()
        var pace = CommitPace()
        /// When the last commit was over.
        var committed: ContinuousClock.Instant?
        /// So many are to wait before `gathered` is signalled; `nil`: nobody waits for that.
        var wanted: Int?
    }

    private let connection: Connection
    private let context: Session.Context
    private let feed: FeedSignal
    private let waitingMax: Int
    private let state = Mutex(State())
    private let gathered = DispatchSemaphore(value: 0)

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
        let (error, starts, isEnough) = state.withLock { state -> (StorageError?, Bool, Bool) in
            if state.isClosed { return (.closed, false, false) }
            guard state.waiting.count < waitingMax else { return (.busy("writes"), false, false) }
            state.waiting.append(write)
            defer { state.isDraining = true }
            return (nil, !state.isDraining, state.takeGathered())
        }
        if let error { write.fail(error) }
        if isEnough { gathered.signal() }
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
        gather()
        return state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isDraining = false
                return nil
            }
            let batch = Array(state.waiting.prefix(Limits.writesPerCommitMax))
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }

    /// Waits on the writer's own thread until enough writes wait or its patience ends.
    private func gather() {
        let patience = state.withLock { state -> Duration? in
            guard let committed = state.committed, !state.waiting.isEmpty, !state.isClosed,
                state.waiting.count < state.pace.enough
            else { return nil }
            let left = state.pace.patience - (ContinuousClock.now - committed)
            guard left > .zero else { return nil }
            state.wanted = state.pace.enough
            return left
        }
        guard let patience else { return }
        let nanoseconds = Int(patience / .nanoseconds(1))
        guard gathered.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .timedOut else {
            return
        }
        let isSignalled = state.withLock { state in
            defer { state.wanted = nil }
            return state.wanted == nil
        }
        // The signal came just after the wait had ended; it must not end the next one.
        if isSignalled { gathered.wait() }
    }

    private func commit(_ batch: [any QueuedJob<Transaction>], _ engine: Engine) {
        let began = ContinuousClock.now
        var outcome = Outcome()
        do {
            // A rollback that failed could have left a transaction behind.
            try engine.rollback()
            try engine.run(.beginWrite)
            for write in batch where write.begin(interrupt: nil) {
                outcome.begun.append(write)
                if outcome.isApart {
                    try runApart(write, engine, &outcome)
                } else if try !runTogether(write, engine, &outcome) {
                    try runAgain(engine, &outcome)
                }
            }
            try engine.run(.commit)
        } catch {
            giveUp(batch, outcome, error, engine)
            return
        }
        let ended = ContinuousClock.now
        if let head = outcome.head { feed.publish(head: head, marks: outcome.marks) }
        let refused = outcome.refused
        let applied = outcome.begun.count - refused.count
        state.withLock { state in
            if applied > 0 { state.statistics.commits += 1 }
            state.statistics.applied += UInt64(applied)
            state.statistics.refused += UInt64(refused.count)
            state.pace.note(writes: outcome.begun.count, duration: ended - began)
            state.committed = ended
        }
        for write in outcome.begun {
            if let error = refused[ObjectIdentifier(write)] {
                write.fail(error)
            } else {
                write.succeed()
            }
        }
    }

    /// Runs one write in the batch's own transaction; `false` if it threw and has to be undone.
    ///
    /// - Throws: what ended the whole transaction; what the write itself throws is kept in `outcome`.
    private func runTogether(
        _ write: any QueuedJob<Transaction>,
        _ engine: Engine,
        _ outcome: inout Outcome
    ) throws -> Bool {
        let session = Session(engine, context, isWrite: true)
        do {
            try write.run(Transaction(session: session))
            if let rollback = session.rollback { throw rollback }
        } catch {
            if let rollback = session.rollback { throw rollback }
            guard !session.hasWritten else { return false }
            outcome.refused[ObjectIdentifier(write)] = error
            return true
        }
        outcome.note(session)
        return true
    }

    /// Undoes the batch so far and runs it again, each write in a savepoint.
    private func runAgain(_ engine: Engine, _ outcome: inout Outcome) throws {
        try engine.rollback()
        try engine.run(.beginWrite)
        outcome = Outcome(begun: outcome.begun, isApart: true)
        for write in outcome.begun { try runApart(write, engine, &outcome) }
    }

    /// Runs one write in its savepoint.
    ///
    /// - Throws: what ended the whole transaction; what the write itself throws is kept in `outcome`.
    private func runApart(
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
        outcome.note(session)
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
}

extension WriteQueue.State {
    /// Whether the one who waits for a number of writes has them now; said once.
    fileprivate mutating func takeGathered() -> Bool {
        guard let wanted, waiting.count >= wanted else { return false }
        self.wanted = nil
        return true
    }
}

/// What became of a batch so far.
private struct Outcome {
    var begun: [any QueuedJob<Transaction>] = []
    /// Whether each write runs in a savepoint of its own.
    var isApart = false
    var refused: [ObjectIdentifier: any Error] = [:]
    var marks: [FeedMark] = []
    var head: UInt64?

    /// Keeps what a write that was carried through has told the feed.
    mutating func note(_ session: Session) {
        head = session.lastSequence ?? head
        // One beyond the bound is enough to wake everyone.
        if marks.count <= Limits.feedMarksMax { marks += session.marks }
    }
}
