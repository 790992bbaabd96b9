import Contracts
import RPC
import Storage

/// Runs one search on the index.
///
/// The order is made of phases that are walked one after the other until the page is full: for the
/// best first, words in the title before words in the text, and within that from near to far; in
/// each phase the index is walked from the newest offer back. So a page costs what it shows, not
/// what was found, and the last offer's phase and number say where the next page begins.
struct OfferSearch: Sendable {
    let query: SearchQuery
    let limit: Int
    /// Where the page before ended; `nil` for the first.
    let after: SearchCursor?

    /// What was found.
    struct Page: Sendable {
        var offers: [OfferSummary] = []
        var total = 0
        var next: SearchCursor?
    }

    /// Outer edges of the rings in which "near" is told from "far", in kilometres.
    private static let bestRingsKm = [5.0, 15, 40, 100, 200]
    /// Outer edges of the rings that are sorted by distance one after the other, in kilometres.
    private static let nearestRingsKm = [2.0, 5, 10, 20, 35, 50, 75, 100, 150, 200]

    private struct Phase {
        let rank: MatchExpression.Rank
        let inner: Double
        let outer: Double
    }

    private struct Hit {
        let doc: Int64
        let distance: Double?
    }

    /// Finds the page and counts the whole, at one moment of the database.
    func run(in queries: some Queries) throws -> Page {
        var completes = after?.completesLastWord ?? false
        var total = try count(completes, in: queries)
        if total == 0, after == nil, !query.tokens.isEmpty, !query.lastWord.isEmpty {
            completes = true
            total = try count(completes, in: queries)
        }
        let expression = MatchExpression(query: query, completesLastWord: completes)
        var page = Page(total: total)
        if total == 0 { return page }
        let phases = phases
        for index in phases.indices.dropFirst(after?.phase ?? 0) {
            // One more than the page holds tells whether there is a next page.
            let wanted = limit + 1 - page.offers.count
            let hits = try hits(phases, index, expression, wanted, in: queries)
            for hit in hits {
                if page.offers.count == limit { return page }
                guard let summary = try summary(hit, in: queries) else { continue }
                page.offers.append(summary)
                page.next = SearchCursor(
                    completesLastWord: completes,
                    phase: index,
                    distance: hit.distance ?? 0,
                    doc: hit.doc
                )
            }
        }
        page.next = nil
        return page
    }

    private var phases: [Phase] {
        let ranks: [MatchExpression.Rank] =
            query.order == .best && !query.tokens.isEmpty ? [.title, .bodyOnly] : [.anywhere]
        guard query.place != nil, query.order != .newest else {
            return ranks.map { Phase(rank: $0, inner: 0, outer: query.radiusMetres) }
        }
        let edges = query.order == .nearest ? Self.nearestRingsKm : Self.bestRingsKm
        let inside = edges.map { $0 * 1000 }.filter { $0 < query.radiusMetres }
        let rings = zip([0] + inside, inside + [query.radiusMetres])
        return ranks.flatMap { rank in
            rings.map { Phase(rank: rank, inner: $0, outer: $1) }
        }
    }

    private func hits(
        _ phases: [Phase],
        _ index: Int,
        _ expression: MatchExpression,
        _ wanted: Int,
        in queries: some Queries
    ) throws -> [Hit] {
        let phase = phases[index]
        let start = after?.phase == index ? after : nil
        let match = expression.text(phase.rank, from: phase.inner, to: phase.outer)
        if query.order == .nearest {
            return try nearest(phase, match, start, wanted, in: queries)
        }
        var hits: [Hit] = []
        try walk(match, below: start?.doc ?? .max, phase, in: queries) { hit in
            hits.append(hit)
            return hits.count < wanted
        }
        return hits
    }

    /// The nearest of a ring, nearest first, newest first at the same distance.
    private func nearest(
        _ phase: Phase,
        _ match: String,
        _ start: SearchCursor?,
        _ wanted: Int,
        in queries: some Queries
    ) throws -> [Hit] {
        func isBefore(_ left: (Double, Int64), _ right: (Double, Int64)) -> Bool {
            left.0 != right.0 ? left.0 < right.0 : left.1 > right.1
        }
        var best: [Hit] = []
        func sortAndCut() {
            best.sort { isBefore(($0.distance ?? 0, $0.doc), ($1.distance ?? 0, $1.doc)) }
            if best.count > wanted { best.removeLast(best.count - wanted) }
        }
        try walk(match, below: .max, phase, in: queries) { hit in
            if let start, !isBefore((start.distance, start.doc), (hit.distance ?? 0, hit.doc)) {
                return true
            }
            best.append(hit)
            // Cutting now and then bounds the memory without sorting at every offer.
            if best.count > 8 * wanted { sortAndCut() }
            return true
        }
        sortAndCut()
        return best
    }

    /// Walks the matching offers of a ring from the newest back, until `body` answers `false`.
    private func walk(
        _ match: String,
        below doc: Int64,
        _ phase: Phase,
        in queries: some Queries,
        _ body: (Hit) throws -> Bool
    ) throws {
        let arguments: [SQLValue] = [.text(match), .integer(query.firstDocument), .integer(doc)]
        guard let centre = query.place?.point else {
            let sql = """
                SELECT rowid AS doc FROM offer_words
                WHERE offer_words MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid DESC
                """
            return try queries.scan(sql, arguments) { row in
                try body(Hit(doc: try row.int("doc"), distance: nil))
            }
        }
        let sql = """
            SELECT d.doc AS doc, d.latitude AS latitude, d.longitude AS longitude
            FROM offer_words CROSS JOIN offer_document d ON d.doc = offer_words.rowid
            WHERE offer_words MATCH ? AND offer_words.rowid >= ? AND offer_words.rowid < ?
            ORDER BY offer_words.rowid DESC
            """
        try queries.scan(sql, arguments) { row in
            guard let latitude = try row.optionalReal("latitude"),
                let longitude = try row.optionalReal("longitude")
            else { return true }
            let point = Point(latitude: latitude, longitude: longitude)
            let distance = centre.metres(to: point)
            let isInRing =
                distance <= phase.outer && (distance > phase.inner || phase.inner == 0)
            return isInRing ? try body(Hit(doc: row.int("doc"), distance: distance)) : true
        }
    }

    /// How many offers there are, counted one beyond `OfferLimits.totalMax`.
    private func count(_ completesLastWord: Bool, in queries: some Queries) throws -> Int {
        let expression = MatchExpression(query: query, completesLastWord: completesLastWord)
        let whole = Phase(rank: .anywhere, inner: 0, outer: query.radiusMetres)
        let match = expression.text(whole.rank, from: whole.inner, to: whole.outer)
        var count = 0
        try walk(match, below: .max, whole, in: queries) { _ in
            count += 1
            return count <= OfferLimits.totalMax
        }
        return count
    }

    private func summary(_ hit: Hit, in queries: some Queries) throws -> OfferSummary? {
        let row = try queries.row(
            "SELECT summary FROM offer_document WHERE doc = ?",
            [.integer(hit.doc)]
        )
        guard let row else { return nil }
        var summary = try OfferSummary(serializedBytes: row.blob("summary"))
        summary.distanceM = hit.distance.map { UInt32($0.rounded()) }
        return summary
    }
}
