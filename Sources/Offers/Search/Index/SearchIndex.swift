import Contracts
import Storage
import Synchronization

/// The search index: segments in memory, each the same as its blob in the database.
///
/// A write stores its segment and what it took out in its own transaction, and publishes both when
/// that is on the disk. A search takes the segments as they are at one moment and keeps them.
final class SearchIndex: Sendable {
    fileprivate struct State {
        var segments: [LivingSegment] = []
        /// Offers that went before their segment was published: two writes may finish in either
        /// order.
        var goneEarly: Set<UInt32> = []
        var isMerging = false
    }

    /// What a committed write changes.
    struct Change: Sendable {
        var segment: (firstDoc: UInt32, bytes: [UInt8])?
        /// Numbers of offers that searches find no more.
        var gone: [UInt32] = []
    }

    let vocabulary = Vocabulary()
    let scratches = ScratchPool()

    private let database: Database
    private let state = Mutex<State?>(nil)

    init(database: Database) {
        self.database = database
    }

    /// The segments at this moment, oldest first; read from the database once.
    func segments() async throws -> [LivingSegment] {
        if let segments = state.withLock({ $0?.segments }) { return segments }
        try await load()
        return state.withLock { $0?.segments ?? [] }
    }

    private func load() async throws {
        var loaded = try await database.read { try SegmentStore.all(in: $0) }
        if loaded.isDamaged {
            try await database.write { try SegmentStore.reset(in: $0) }
            loaded = SegmentStore.Loaded()
        }
        let segments = loaded.segments
        let isFirst = state.withLock { state in
            // Whoever was first may have published writes since.
            guard state == nil else { return false }
            state = State(segments: segments)
            return true
        }
        if isFirst { for segment in segments { vocabulary.add(segment.segment) } }
    }

    /// Lets searches see a write that is on the disk.
    func publish(_ change: Change) {
        let segment = change.segment.flatMap { Segment($0.bytes, firstDoc: $0.firstDoc) }
        if let segment { vocabulary.add(segment) }
        state.withLock { state in
            // Before the first look at it, the index is still to be read as a whole.
            guard state != nil else { return }
            if let segment { state?.add(segment) }
            for doc in change.gone { state?.drop(doc) }
        }
    }

    /// Makes large segments of small ones, as long as `MergePolicy` finds some.
    func tidy() async throws {
        while let parts = claimParts() {
            defer { state.withLock { $0?.isMerging = false } }
            let bytes = SegmentMerge.merge(parts)
            try await database.write { try SegmentStore.replace(parts, with: bytes, in: $0) }
            let firstDoc = parts[0].segment.firstDoc
            guard let merged = Segment(bytes, firstDoc: firstDoc) else { return }
            state.withLock { $0?.replace(parts, with: merged) }
        }
    }

    /// The next segments to make one of, unless somebody is at it.
    private func claimParts() -> [LivingSegment]? {
        state.withLock { state in
            guard let current = state, !current.isMerging,
                let range = MergePolicy.parts(current.segments)
            else { return nil }
            state?.isMerging = true
            return Array(current.segments[range])
        }
    }
}

extension SearchIndex.State {
    fileprivate mutating func add(_ segment: Segment) {
        var living = LivingSegment(segment)
        if !goneEarly.isEmpty {
            for local in 0..<segment.documentCount
            where goneEarly.remove(segment.doc(local)) != nil {
                living.drop(local)
            }
        }
        let index = segments.firstIndex { $0.segment.firstDoc > segment.firstDoc }
        segments.insert(living, at: index ?? segments.count)
    }

    fileprivate mutating func drop(_ doc: UInt32) {
        let next = segments.firstIndex { $0.segment.firstDoc > doc } ?? segments.count
        guard next > 0, let local = segments[next - 1].segment.local(of: doc) else {
            goneEarly.insert(doc)
            return
        }
        segments[next - 1].drop(local)
    }

    /// Puts the segment made of `parts` in their place, without what has gone meanwhile.
    fileprivate mutating func replace(_ parts: [LivingSegment], with merged: Segment) {
        let first = segments.firstIndex { $0.segment === parts[0].segment }
        guard let first else { return }
        var living = LivingSegment(merged)
        for part in segments[first..<(first + parts.count)] where !part.living.isEmpty {
            for local in 0..<part.segment.documentCount where !part.isLiving(local) {
                if let place = merged.local(of: part.segment.doc(local)) { living.drop(place) }
            }
        }
        segments.replaceSubrange(first..<(first + parts.count), with: [living])
    }
}
