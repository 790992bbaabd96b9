import Contracts
import RPC
import Storage
import Synchronization

/// Runs one search: on each segment of the index, then reads what the page shows.
struct OfferSearch: Sendable {
    let query: SearchQuery
    let segments: [LivingSegment]
    let index: SearchIndex
    let limit: Int
    let nowSeconds: UInt32
    /// Where the page before ended; `nil` for the first.
    let after: SearchCursor?
    /// Set when nobody waits for the answer any more.
    let isCancelled: CancellationFlag

    /// What was found.
    struct Page: Sendable {
        var offers: [OfferSummary] = []
        var total = 0
        var facets = OfferFacets()
        var corrections: [WordCorrection] = []
        var next: SearchCursor?
    }

    /// Finds the page, counts the whole, and reads the offers from the database.
    ///
    /// - Throws: `CancellationError`; `StorageError`.
    func run(in queries: some Queries) throws -> Page {
        try index.scratches.use { scratch in
            var completes = after?.completesLastWord ?? false
            var found = try walk(completes, scratch)
            if found.tally.total == 0, after == nil, !query.lastWord.isEmpty, !completes {
                completes = true
                found = try walk(completes, scratch)
            }
            var page = Page(total: found.tally.total, corrections: found.outcome.corrections)
            page.facets = OfferFacets(found.criteria, scratch)
            let reasons = MatchReasons(query, found.outcome.plan, nowSeconds: nowSeconds)
            let hits = Array(found.tally.hits.prefix(limit))
            let stored = try summaries(hits, in: queries)
            for hit in hits {
                // An offer that went since the index was looked at is left out.
                guard let bytes = stored[hit.doc] else { continue }
                var shown = try summary(hit, bytes, reasons)
                shown.links = try OfferLinks.links(of: shown.id, in: queries)
                page.offers.append(shown)
            }
            if found.tally.hits.count > limit {
                let last = found.tally.hits[limit - 1]
                page.next = SearchCursor(
                    completesLastWord: completes,
                    nowSeconds: nowSeconds,
                    key: last.key,
                    doc: last.doc
                )
            }
            return page
        }
    }

    private struct Found {
        let outcome: SearchPlanner.Outcome
        let criteria: SearchCriteria
        let tally: SearchTally
    }

    private func walk(_ completesLastWord: Bool, _ scratch: Scratch) throws -> Found {
        let planner = SearchPlanner(segments: segments, vocabulary: index.vocabulary)
        let outcome = planner.plan(query, completesLastWord: completesLastWord)
        let criteria = SearchCriteria(query, outcome.plan, nowSeconds: nowSeconds)
        // One more than the page holds tells whether there is a next page.
        var tally = SearchTally(limit: limit + 1, after: after.map { ($0.key, $0.doc) })
        scratch.clearBins()
        for segment in segments {
            if isCancelled.isSet { throw CancellationError() }
            SegmentSearch(living: segment, criteria: criteria, scratch: scratch).run(into: &tally)
        }
        return Found(outcome: outcome, criteria: criteria, tally: tally)
    }

    private func summary(
        _ hit: SearchTally.Hit,
        _ bytes: [UInt8],
        _ reasons: borrowing MatchReasons
    ) throws -> OfferSummary {
        var summary = try OfferSummary(serializedBytes: bytes)
        if !hit.distance.isNaN {
            summary.distanceM = UInt32(Position.metres(chordSquared: hit.distance).rounded())
        }
        summary.reasons = reasons.of(summary) { isTrade($0, of: hit.doc) }
        return summary
    }

    /// The stored summaries of hits, a fixed number at a time: one statement serves all pages.
    private func summaries(
        _ hits: [SearchTally.Hit],
        in queries: some Queries
    ) throws -> [UInt32: [UInt8]] {
        var found: [UInt32: [UInt8]] = [:]
        var start = 0
        while start < hits.count {
            let part = hits[start...].prefix(Self.summariesAtOnce)
            var arguments = part.map { SQLValue.integer(Int64($0.doc)) }
            // No document has the number 0.
            arguments += Array(repeating: .integer(0), count: Self.summariesAtOnce - part.count)
            try queries.forEachRow(Self.summariesSQL, arguments) { row in
                found[UInt32(truncatingIfNeeded: try row.int("doc"))] = try row.blob("summary")
            }
            start += part.count
        }
        return found
    }

    private static let summariesAtOnce = 20
    private static let summariesSQL = """
        SELECT doc, summary FROM offer_document
        WHERE doc IN (\(Array(repeating: "?", count: summariesAtOnce).joined(separator: ", ")))
        """
}

extension OfferSearch {
    /// Whether a group of words is met by the trade of an offer.
    private func isTrade(_ group: SearchPlan.Group, of doc: UInt32) -> Bool {
        for living in segments {
            guard let local = living.segment.local(of: doc) else { continue }
            return group.alternatives.contains { alternative in
                alternative.terms.allSatisfy { living.segment.isStrong($0, local) }
            }
        }
        return false
    }
}

extension Segment {
    /// Whether an offer holds a term in its title or trade.
    fileprivate func isStrong(_ term: SearchPlan.Term, _ local: Int) -> Bool {
        let indices: Range<Int>
        switch term {
        case .word(let bytes), .trade(let bytes):
            indices = index(of: bytes).map { $0..<($0 + 1) } ?? 0..<0
        case .beginning(let prefix): indices = self.indices(prefix: prefix)
        }
        return indices.contains { index in
            let sets = sets(index)
            if case .trade = term { return sets.any.holds(UInt16(local)) }
            return sets.strong.holds(UInt16(local))
        }
    }
}

/// Tells work on another thread that its caller has gone.
final class CancellationFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() {
        flag.store(true, ordering: .relaxed)
    }
}

extension OfferFacets {
    /// The counts that a walk left in `scratch`; values that nothing has are left out.
    init(_ criteria: SearchCriteria, _ scratch: Scratch) {
        let bins = scratch.filledBins
        func counts(_ facet: SearchFacet) -> [FacetCount] {
            let counts = criteria.counts(facet, in: bins)
            return counts.enumerated().dropFirst().filter { $0.element > 0 }
                .map { FacetCount(value: UInt32($0.offset), count: $0.element) }
        }
        let ages = zip(SearchCriteria.ageDays, criteria.ageCounts(in: bins))
        self.init(
            kinds: counts(.kind),
            contracts: counts(.contract),
            experiences: counts(.experience),
            workingTimes: counts(.workingTime),
            publishedWithinDays: ages.map { FacetCount(value: $0, count: $1) }
        )
    }
}
