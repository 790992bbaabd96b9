import Synchronization

/// What those who wait for a change compare: an entry of the feed without place, time and body.
struct FeedMark: Sendable {
    let kind: String
    let youngPersonID: String
    let counsellorID: String
}

/// The committed end of the feed, and those who wait for it to move.
final class FeedSignal: Sendable {
    fileprivate struct Waiter {
        let position: UInt64
        let filter: ChangeFilter
        let continuation: CheckedContinuation<UInt64, any Error>
    }

    fileprivate struct State {
        var head: UInt64 = 0
        var isClosed = false
        var lastID: UInt64 = 0
        var waiters: [UInt64: Waiter] = [:]
        /// Waiters by the young person they want, by the counsellor if no young person, and the rest:
        /// a commit looks only at those it may concern.
        var byYoungPerson: [String: Set<UInt64>] = [:]
        var byCounsellor: [String: Set<UInt64>] = [:]
        var others: Set<UInt64> = []
    }

    private let state = Mutex(State())

    var head: UInt64 { state.withLock { $0.head } }

    var waitingCount: Int { state.withLock { $0.waiters.count } }

    /// Sets the end found at start.
    func start(at head: UInt64) {
        state.withLock { $0.head = head }
    }

    /// Moves the end and wakes whoever waits for one of the entries.
    ///
    /// - Parameters:
    ///   - head: the last entry that was committed.
    ///   - marks: what was added; more than `Limits.feedMarksMax` wake everyone.
    func publish(head: UInt64, marks: [FeedMark]) {
        let woken = state.withLock { state in
            state.head = max(state.head, head)
            return state.take(state.concerned(by: marks, head: head))
        }
        for continuation in woken { continuation.resume(returning: head) }
    }

    /// Waits until an entry after `position` that the filter matches is committed, or until the end
    /// is beyond `position` already.
    func wait(after position: UInt64, _ filter: ChangeFilter) async throws -> UInt64 {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let waiter = Waiter(
                    position: position,
                    filter: filter,
                    continuation: continuation
                )
                let answer = state.withLock { $0.register(waiter, id) }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let waiting = state.withLock { $0.take([id]) }
            for continuation in waiting { continuation.resume(throwing: CancellationError()) }
        }
    }

    /// Wakes everyone with `StorageError.closed`, now and in future.
    func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            return state.take(Set(state.waiters.keys))
        }
        for continuation in waiting { continuation.resume(throwing: StorageError.closed) }
    }
}

extension FeedSignal.State {
    fileprivate mutating func register(
        _ waiter: FeedSignal.Waiter,
        _ id: UInt64
    ) -> Result<UInt64, any Error>? {
        // Cancellation before this point found no waiter to wake, so it is looked at again here.
        if Task.isCancelled { return .failure(CancellationError()) }
        if isClosed { return .failure(StorageError.closed) }
        if head > waiter.position { return .success(head) }
        guard waiters.count < Limits.feedWaitersMax else {
            return .failure(StorageError.busy("readers of the change feed"))
        }
        waiters[id] = waiter
        if let person = waiter.filter.youngPersonID {
            byYoungPerson[person, default: []].insert(id)
        } else if let counsellor = waiter.filter.counsellorID {
            byCounsellor[counsellor, default: []].insert(id)
        } else {
            others.insert(id)
        }
        return nil
    }

    fileprivate func concerned(by marks: [FeedMark], head: UInt64) -> Set<UInt64> {
        guard marks.count <= Limits.feedMarksMax else { return Set(waiters.keys) }
        var concerned: Set<UInt64> = []
        for mark in marks {
            let candidates = [
                byYoungPerson[mark.youngPersonID], byCounsellor[mark.counsellorID], others,
            ]
            for id in candidates.compactMap(\.self).joined() {
                // A reader can have seen a commit just before it is made known here.
                guard let waiter = waiters[id], waiter.position < head else { continue }
                let isWanted = waiter.filter.matches(
                    kind: mark.kind,
                    youngPersonID: mark.youngPersonID,
                    counsellorID: mark.counsellorID
                )
                if isWanted { concerned.insert(id) }
            }
        }
        return concerned
    }

    fileprivate mutating func take(
        _ ids: Set<UInt64>
    ) -> [CheckedContinuation<UInt64, any Error>] {
        ids.compactMap { id in
            guard let waiter = waiters.removeValue(forKey: id) else { return nil }
            if let person = waiter.filter.youngPersonID {
                byYoungPerson[person]?.remove(id)
                if byYoungPerson[person]?.isEmpty == true { byYoungPerson[person] = nil }
            } else if let counsellor = waiter.filter.counsellorID {
                byCounsellor[counsellor]?.remove(id)
                if byCounsellor[counsellor]?.isEmpty == true { byCounsellor[counsellor] = nil }
            } else {
                others.remove(id)
            }
            return waiter.continuation
        }
    }
}
