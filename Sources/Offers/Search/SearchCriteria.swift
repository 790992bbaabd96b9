import Contracts

/// A search in the terms of the index.
struct SearchCriteria: Sendable {
    let plan: SearchPlan
    let order: SearchOrder
    /// The middle of what is searched; `nil` everywhere.
    let centre: Position?
    let chordSquaredMax: Float
    /// Terms of the cells that cover the circle.
    let cells: [[UInt8]]
    /// Terms of the trades of which an offer must have one; empty for all.
    let romes: [[UInt8]]
    let worth: Worth
    /// Times of publication that part the ages, latest first; six of them, the last ones 0 if fewer
    /// are needed.
    let ageEdges: [UInt32]
    /// For each combination of age and attributes, 1 if the filters let it pass.
    let passes: [UInt8]

    /// Ages that are counted, in days.
    static let ageDays: [UInt32] = [1, 3, 7, 14, 31]
    private static let secondsPerDay: UInt32 = 86_400

    private let filters: [Filter]

    /// One filter: the values it lets pass, as bits.
    private struct Filter {
        let facet: SearchFacet
        let allowed: UInt32
    }

    init(_ query: SearchQuery, _ plan: SearchPlan, nowSeconds: UInt32) {
        self.plan = plan
        order = query.order
        centre = query.place.map { Position($0.point) }
        chordSquaredMax = Position.chordSquared(metres: query.radiusMetres)
        cells =
            query.place.map { place in
                GeoCells.cover(around: place.point, from: 0, to: query.radiusMetres)
                    .map(OfferTags.term)
            } ?? []
        romes = query.romes.map { OfferTags.term(OfferTags.rome($0)) }
        worth = Worth(groupCount: plan.groups.count, nowSeconds: nowSeconds)
        let days = Self.edgeDays(query)
        ageEdges =
            days.map { nowSeconds - min(nowSeconds, $0 * Self.secondsPerDay) }
            + [UInt32](repeating: 0, count: 6 - days.count)
        let filters = Self.filters(query, days)
        self.filters = filters
        passes = Self.passes(filters)
    }

    private static func passes(_ filters: [Filter]) -> [UInt8] {
        var passes = [UInt8](repeating: 1, count: Scratch.binCount)
        passes.withUnsafeMutableBufferPointer { passes in
            for filter in filters {
                let (allowed, shift, mask) = (filter.allowed, filter.facet.shift, filter.facet.mask)
                for bin in 0..<Scratch.binCount {
                    let value = UInt32(truncatingIfNeeded: bin >> shift & mask)
                    passes[bin] &= UInt8(truncatingIfNeeded: allowed >> value & 1)
                }
            }
        }
        return passes
    }

    /// The ages that make a difference, the youngest first.
    private static func edgeDays(_ query: SearchQuery) -> [UInt32] {
        var days = Set(ageDays)
        if query.publishedWithinDays > 0 { days.insert(query.publishedWithinDays) }
        return days.sorted()
    }

    private static func filters(_ query: SearchQuery, _ days: [UInt32]) -> [Filter] {
        let values: [(SearchFacet, [Int32])] = [
            (.kind, query.kinds.map(\.rawValue)), (.contract, query.contracts.map(\.rawValue)),
            (.experience, query.experiences.map(\.rawValue)),
            (.workingTime, query.workingTimes.map(\.rawValue)),
        ]
        var filters = values.filter { !$1.isEmpty }.map { facet, values in
            Filter(facet: facet, allowed: values.reduce(0) { $0 | 1 << UInt32($1) })
        }
        if let edge = days.firstIndex(of: query.publishedWithinDays) {
            filters.append(Filter(facet: .age, allowed: (2 << UInt32(edge)) - 1))
        }
        return filters
    }

    /// How many offers there would be for each value of a facet, the facet's own filter aside.
    func counts(_ facet: SearchFacet, in bins: [SearchBin]) -> [UInt32] {
        let others = filters.filter { $0.facet != facet }
        var counts = [UInt32](repeating: 0, count: facet.mask + 1)
        for bin in bins
        where others.allSatisfy({ $0.allowed >> $0.facet.value(bin.index) & 1 == 1 }) {
            counts[Int(facet.value(bin.index))] += bin.count
        }
        return counts
    }

    /// How many offers are of the last so many days, for each of `ageDays`.
    func ageCounts(in bins: [SearchBin]) -> [UInt32] {
        let byEdge = counts(.age, in: bins)
        return Self.ageDays.map { days in
            let limit = worth.nowSeconds - min(worth.nowSeconds, days * Self.secondsPerDay)
            let edge = ageEdges.firstIndex(of: limit) ?? 0
            return byEdge[0...edge].reduce(0, +)
        }
    }
}

/// How many offers have one combination of age and attributes.
struct SearchBin {
    let index: Int
    let count: UInt32
}

/// What results are counted by.
enum SearchFacet: Sendable {
    case kind, contract, experience, workingTime, age

    /// Its place in the number of a bin.
    var shift: Int {
        switch self {
        case .kind: 0
        case .contract: 3
        case .experience: 7
        case .workingTime: 9
        case .age: Int(OfferFacts.filterBits)
        }
    }

    /// Its largest value.
    var mask: Int {
        switch self {
        case .kind, .age: 7
        case .contract: 15
        case .experience, .workingTime: 3
        }
    }

    /// Its value in a bin.
    func value(_ bin: Int) -> UInt32 { UInt32(truncatingIfNeeded: bin >> shift & mask) }
}
