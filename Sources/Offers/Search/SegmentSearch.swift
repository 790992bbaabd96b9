import Contracts

/// Runs a search on one segment.
///
/// Finds every offer that fits: starts from the rarest group of words and takes out what the others
/// do not hold, what is too far, and what the filters refuse; then orders what is left. Nothing is
/// skipped, so totals and counts are exact; a list of offers is walked at about a nanosecond each.
struct SegmentSearch {
    let living: LivingSegment
    let criteria: SearchCriteria
    let scratch: Scratch

    private var segment: Segment { living.segment }

    /// Terms that the beginning of a word may stand for, in one segment.
    private static let completionsMax = 256
    /// Offers of the rarest group from which on it is worth looking up the cells around a place.
    private static let cellsWorthCount = 2_000

    /// Adds what is found to `result`.
    func run(into result: inout SearchTally) {
        scratch.releaseBitmaps()
        guard let groups = groups(), var required = trades() else { return }
        required += groups.map(\.any)
        required.sort { $0.count < $1.count }
        var count = candidates(required.first)
        if !living.living.isEmpty { count = keepLiving(count) }
        for set in required.dropFirst() { count = keep(count, in: set) }
        if let centre = criteria.centre { count = keepNear(count, centre) }
        count = keepFitting(count)
        result.total += count
        score(count, groups)
        order(count, into: &result)
    }

    // MARK: Sets of offers

    /// The offers of each group; `nil` if one of them has none.
    private func groups() -> [FieldSets]? {
        var groups: [FieldSets] = []
        for group in criteria.plan.groups {
            guard let sets = sets(group), sets.any.count > 0 else { return nil }
            groups.append(sets)
        }
        return groups
    }

    /// The offers of the trades that the filter names, if it names any; `nil` if there are none.
    private func trades() -> [DocSet]? {
        if criteria.romes.isEmpty { return [] }
        let sets = criteria.romes.compactMap { segment.index(of: $0).map(segment.sets) }
        return union(sets).map { [$0.any] }
    }

    private func sets(_ group: SearchPlan.Group) -> FieldSets? {
        union(group.alternatives.compactMap(sets))
    }

    private func sets(_ alternative: SearchPlan.Alternative) -> FieldSets? {
        var parts: [FieldSets] = []
        for term in alternative.terms {
            guard let part = sets(term) else { return nil }
            parts.append(part)
        }
        guard let first = parts.first, parts.count > 1 else { return parts.first }
        let others = parts.dropFirst()
        return FieldSets(
            any: intersection(first.any, others.map(\.any)),
            strong: intersection(first.strong, others.map(\.strong)),
            title: intersection(first.title, others.map(\.title))
        )
    }

    private func sets(_ term: SearchPlan.Term) -> FieldSets? {
        switch term {
        case .word(let bytes): return segment.index(of: bytes).map(segment.sets)
        case .beginning(let prefix):
            let indices = segment.indices(prefix: prefix).prefix(Self.completionsMax)
            return union(indices.map(segment.sets))
        case .trade(let bytes):
            guard let index = segment.index(of: bytes) else { return nil }
            let sets = segment.sets(index)
            return FieldSets(any: sets.any, strong: sets.any, title: sets.title)
        }
    }

    private func union(_ parts: [FieldSets]) -> FieldSets? {
        guard parts.count > 1 else { return parts.first }
        return FieldSets(
            any: union(parts.map(\.any)),
            strong: union(parts.map(\.strong)),
            title: union(parts.map(\.title))
        )
    }

    private func union(_ sets: [DocSet]) -> DocSet {
        let filled = sets.filter { $0.count > 0 }
        guard filled.count > 1 else { return filled.first ?? sets[0] }
        let bitmap = scratch.bitmap()
        for set in filled { set.unite(into: bitmap) }
        return DocSet(bitmap: bitmap, countMax: filled.reduce(0) { $0 + $1.count })
    }

    private func intersection(_ first: DocSet, _ others: [DocSet]) -> DocSet {
        let sorted = ([first] + others).sorted { $0.count < $1.count }
        guard sorted[0].count > 0 else { return sorted[0] }
        var count = fill(sorted[0])
        for set in sorted.dropFirst() { count = keep(count, in: set) }
        let bitmap = scratch.bitmap()
        for index in 0..<count {
            let document = scratch.candidates[index]
            bitmap[Int(document >> 6)] |= 1 << UInt64(document & 63)
        }
        return DocSet(bitmap: bitmap, countMax: count)
    }

    // MARK: Candidates

    /// Gathers the offers to begin with: the rarest of what is required, around the place, or all.
    private func candidates(_ rarest: DocSet?) -> Int {
        if criteria.centre != nil, rarest.map({ $0.count >= Self.cellsWorthCount }) ?? true {
            let cells = criteria.cells.compactMap { segment.index(of: $0).map(segment.sets) }
            guard let around = union(cells)?.any else { return 0 }
            if rarest.map({ around.count < $0.count }) ?? true {
                let count = fill(around)
                return rarest.map { keep(count, in: $0) } ?? count
            }
        }
        if let rarest { return fill(rarest) }
        for local in 0..<segment.documentCount {
            scratch.candidates[local] = UInt16(truncatingIfNeeded: local)
        }
        return segment.documentCount
    }

    private func fill(_ set: DocSet) -> Int {
        var count = 0
        let candidates = scratch.candidates
        set.forEach { document in
            candidates[count] = document
            count += 1
        }
        return count
    }

    private func current(_ count: Int) -> UnsafeBufferPointer<UInt16> {
        UnsafeBufferPointer(start: scratch.candidates, count: count)
    }

    private func keep(_ count: Int, in set: DocSet) -> Int {
        var kept = 0
        let candidates = scratch.candidates
        set.forEachMember(of: current(count)) { index in
            candidates[kept] = candidates[index]
            kept += 1
        }
        return kept
    }

    private func keepLiving(_ count: Int) -> Int {
        living.living.withUnsafeBufferPointer { words in
            var kept = 0
            let candidates = scratch.candidates
            for index in 0..<count {
                let document = candidates[index]
                candidates[kept] = document
                kept += Int(words[Int(document >> 6)] >> UInt64(document & 63) & 1)
            }
            return kept
        }
    }

    private func keepNear(_ count: Int, _ centre: Position) -> Int {
        let candidates = scratch.candidates
        let distances = scratch.distances
        let positions = segment.positions
        let most = criteria.chordSquaredMax
        var kept = 0
        for index in 0..<count {
            let document = candidates[index]
            let position = positions + 3 * Int(document)
            let x = position[0] - centre.x
            let y = position[1] - centre.y
            let z = position[2] - centre.z
            let square = x * x + y * y + z * z
            candidates[kept] = document
            distances[kept] = square
            // False for NaN, the place of what is nowhere.
            kept += square <= most ? 1 : 0
        }
        return kept
    }

    /// Counts offers by attributes and age, and keeps those that the filters let pass.
    private func keepFitting(_ count: Int) -> Int {
        let candidates = scratch.candidates
        let distances = scratch.distances
        let bins = scratch.bins
        let hasPlace = criteria.centre != nil
        return criteria.passes.withUnsafeBufferPointer { passes in
            var kept = 0
            for index in 0..<count {
                let document = candidates[index]
                let bin = bin(Int(document))
                bins[bin] &+= 1
                candidates[kept] = document
                if hasPlace { distances[kept] = distances[index] }
                kept += Int(passes[bin])
            }
            return kept
        }
    }

    @inline(__always)
    private func bin(_ local: Int) -> Int {
        let published = segment.published[local]
        let edges = criteria.ageEdges
        let age =
            (published < edges[0] ? 1 : 0) + (published < edges[1] ? 1 : 0)
            + (published < edges[2] ? 1 : 0) + (published < edges[3] ? 1 : 0)
            + (published < edges[4] ? 1 : 0) + (published < edges[5] ? 1 : 0)
        let filters = segment.attributes[local] & (1 << OfferFacts.filterBits - 1)
        return age << Int(OfferFacts.filterBits) | Int(filters)
    }

    // MARK: Order

    /// Adds up, for each candidate, what its words are worth by the field they are in.
    private func score(_ count: Int, _ groups: [FieldSets]) {
        guard criteria.order == .best, count > 0 else { return }
        let scores = scratch.scores
        scores.update(repeating: UInt32(groups.count) * Worth.text, count: count)
        for group in groups {
            group.strong.forEachMember(of: current(count)) { scores[$0] &+= Worth.strongMore }
            group.title.forEachMember(of: current(count)) { scores[$0] &+= Worth.titleMore }
        }
    }

    private func order(_ count: Int, into result: inout SearchTally) {
        let candidates = scratch.candidates
        for index in 0..<count {
            let local = Int(candidates[index])
            let published = segment.published[local]
            let high: UInt32
            switch criteria.order {
            case .newest: high = 0
            case .nearest: high = .max - scratch.distances[index].bitPattern
            default:
                let distance = criteria.centre == nil ? nil : scratch.distances[index]
                high = criteria.worth.of(
                    words: scratch.scores[index],
                    attributes: segment.attributes[local],
                    published: published,
                    chordSquared: distance
                )
            }
            let key = UInt64(high) << 32 | UInt64(published)
            guard key >= result.keyMin else { continue }
            let distance = criteria.centre == nil ? Float.nan : scratch.distances[index]
            result.offer(SearchTally.Hit(key: key, doc: segment.doc(local), distance: distance))
        }
    }
}
