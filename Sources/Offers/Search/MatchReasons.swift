import Contracts

/// Says in French why a search shows an offer.
struct MatchReasons: ~Copyable {
    private let groups: [SearchPlan.Group]
    private let typed: [String: String]
    private let nowSeconds: UInt32
    private let analyzer = TextAnalyzer()

    private static let recentDays: Int64 = 3
    private static let secondsPerDay: Int64 = 86_400

    init(_ query: SearchQuery, _ plan: SearchPlan, nowSeconds: UInt32) {
        groups = plan.groups
        typed = query.typed
        self.nowSeconds = nowSeconds
    }

    /// The reasons for an offer, what counts most first; `trade` is its ROME code.
    func of(_ summary: OfferSummary, isTrade: (SearchPlan.Group) -> Bool) -> [MatchReason] {
        var reasons = words(summary, isTrade)
        if let metres = summary.distanceM {
            reasons.append(MatchReason(kind: .nearThePlace, text: Self.distance(metres)))
        }
        let age = Int64(nowSeconds) - summary.publishedMs / 1000
        if summary.publishedMs > 0, age < Self.recentDays * Self.secondsPerDay {
            reasons.append(MatchReason(kind: .recent, text: Self.age(age)))
        }
        return reasons
    }

    /// One reason for each field that words were found in.
    private func words(
        _ summary: OfferSummary,
        _ isTrade: (SearchPlan.Group) -> Bool
    ) -> [MatchReason] {
        if groups.isEmpty { return [] }
        let title = Set(analyzer.tokens(summary.title).split(separator: " ").map(String.init))
        var fields: [MatchReasonKind: [String]] = [:]
        for group in groups {
            let kind: MatchReasonKind =
                if isInTitle(group, title) { .wordsInTitle } else if isTrade(group) {
                    .wordsInTrade
                } else { .wordsInText }
            fields[kind, default: []] += group.tokens.map { typed[$0] ?? $0 }
        }
        return [
            (MatchReasonKind.wordsInTitle, "dans le titre"), (.wordsInTrade, "dans le métier"),
            (.wordsInText, "dans le texte"),
        ].compactMap { kind, place in
            fields[kind].map { words in
                MatchReason(kind: kind, text: "« \(words.joined(separator: " ")) » \(place)")
            }
        }
    }

    private func isInTitle(_ group: SearchPlan.Group, _ title: Set<String>) -> Bool {
        group.alternatives.contains { alternative in
            alternative.terms.allSatisfy { term in
                switch term {
                case .word(let bytes): title.contains(String(decoding: bytes, as: UTF8.self))
                case .beginning(let prefix):
                    title.contains { $0.utf8.starts(with: prefix) }
                case .trade: false
                }
            }
        }
    }

    private static func distance(_ metres: UInt32) -> String {
        metres < 1_000 ? "à moins de 1 km" : "à \((metres + 500) / 1_000) km"
    }

    private static func age(_ seconds: Int64) -> String {
        let days = max(0, seconds) / secondsPerDay
        switch days {
        case 0: return "publiée depuis moins d’un jour"
        case 1: return "publiée depuis un jour"
        default: return "publiée depuis \(days) jours"
        }
    }
}
