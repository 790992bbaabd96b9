/// A source in whose format offers are written.
public enum CorpusSource: Int, Sendable, CaseIterable {
    /// Jobs.
    case franceTravail
    /// Apprenticeships.
    case laBonneAlternance
    /// Civic service.
    case serviceCivique
    /// Immersion.
    case immersionFacilitee

    /// Its name on the command line, and the first part of its offers' ids.
    public var name: String {
        switch self {
        case .franceTravail: "france-travail"
        case .laBonneAlternance: "la-bonne-alternance"
        case .serviceCivique: "service-civique"
        case .immersionFacilitee: "immersion-facilitee"
        }
    }
}

/// How many parts of a corpus each source has.
public struct CorpusMix: Sendable, Equatable {
    /// Parts, in the order of `CorpusSource`.
    let parts: [Int]

    /// As in France: 700,000 jobs, 100,000 apprenticeships, 50,000 missions of civic service and
    /// 300,000 companies that take people for an immersion.
    public static let national = CorpusMix(parts: [700, 100, 50, 300])

    /// Reads "700:100:50:300"; `nil` if it is no such thing or all are 0.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == CorpusSource.allCases.count else { return nil }
        let known = parts.compactMap { $0 }.filter { (0...1_000_000).contains($0) }
        guard known.count == parts.count, known.contains(where: { $0 > 0 }) else { return nil }
        self.init(parts: known)
    }

    private init(parts: [Int]) {
        self.parts = parts
    }

    /// `count` offers shared out: each source its part, rounded down, the first that has a part what
    /// is left.
    func counts(of count: Int) -> [Int] {
        let sum = parts.reduce(0, +)
        var counts = parts.map { count * $0 / sum }
        let first = parts.firstIndex { $0 > 0 } ?? 0
        counts[first] += count - counts.reduce(0, +)
        return counts
    }
}
