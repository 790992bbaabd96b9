import Contracts
import Foundation
import Storage

/// What a saved search asks of an offer: the rules of search itself, as far as one offer alone can
/// be judged by them.
///
/// Here, and in `OfferTraits`, is all that alerts know of how searches are understood and offers are
/// analysed.
struct AlertCriteria: Sendable {
    /// What must be in title or text, or the trade: of each group one alternative, and of that all
    /// keys.
    let groups: [[[AlertKey]]]
    /// Of each of these one must be the offer's; empty lists ask nothing.
    let kinds: [Int32]
    let contracts: [Int32]
    let experiences: [Int32]
    let workingTimes: [Int32]
    /// 0 for any age.
    let publishedWithinDays: UInt32
    let place: Point?
    let radiusMetres: Double

    init(_ query: SearchQuery) {
        let words = SearchPlanner.literal(query).groups.map { group in
            group.alternatives.map { $0.terms.map(AlertKey.init) }
        }
        let romes: [[AlertKey]] = query.romes.map { [AlertKey(rome: $0)] }
        groups = romes.isEmpty ? words : words + [romes]
        kinds = query.kinds.map(\.rawValue)
        contracts = query.contracts.map(\.rawValue)
        experiences = query.experiences.map(\.rawValue)
        workingTimes = query.workingTimes.map(\.rawValue)
        publishedWithinDays = query.publishedWithinDays
        place = query.place?.point
        radiusMetres = query.radiusMetres
    }
}

/// What saved searches may ask of one offer.
struct OfferTraits: Sendable {
    /// Each once.
    let keys: [AlertKey]
    /// Milliseconds since 1970 UTC; 0 if the source does not tell.
    let publishedMs: Int64
    let point: Point?
    let kind: Int32
    let contract: Int32
    let experience: Int32
    let workingTime: Int32

    init(_ offer: Offer, _ analyzer: borrowing TextAnalyzer) {
        let document = OfferDocument(offer, analyzer)
        let summary = offer.summary ?? OfferSummary()
        kind = summary.kind.rawValue
        contract = summary.contract.rawValue
        experience = summary.experience.rawValue
        workingTime = summary.workingTime.rawValue
        publishedMs = summary.publishedMs
        point = summary.place?.point.map { Point($0) }
        var words = Set(document.title.split(separator: " "))
        words.formUnion(document.body.split(separator: " "))
        var keys: [AlertKey] = words.map { .word(String($0)) }
        keys += [
            .anything, .kind(kind), .contract(contract), .experience(experience),
            .workingTime(workingTime),
        ]
        if !offer.rome.isEmpty { keys.append(AlertKey(rome: offer.rome)) }
        if let point { keys += AlertCell.cells(of: point).map { .cell($0) } }
        self.keys = keys
    }
}

extension Point {
    static func cosine(ofDegrees degrees: Double) -> Double { cos(degrees * .pi / 180) }
}
