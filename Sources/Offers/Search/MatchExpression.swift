import Contracts

/// Writes a search in FTS5's language.
///
/// Only tokens of our own making get in, each in quotes: nothing that people type is ever read as
/// an operator. Source: https://www.sqlite.org/fts5.html#full_text_query_syntax
struct MatchExpression {
    /// Where the words must be.
    enum Rank: Sendable {
        /// All in the title.
        case title
        /// All somewhere, but not all in the title.
        case bodyOnly
        /// All somewhere.
        case anywhere
    }

    let query: SearchQuery
    /// Whether the last word may be the beginning of one.
    let completesLastWord: Bool

    /// The expression for offers of one rank, between two distances from the place, in metres.
    func text(_ rank: Rank, from inner: Double, to outer: Double) -> String {
        var parts: [String] = []
        if !query.tokens.isEmpty {
            let words = words
            switch rank {
            case .title: parts.append("{title} : (\(words))")
            case .bodyOnly:
                parts.append("({title body} : (\(words)) NOT {title} : (\(words)))")
            case .anywhere: parts.append("{title body} : (\(words))")
            }
        }
        parts += filters
        if let place = query.place {
            let cells = GeoCells.cover(around: place.point, from: inner, to: outer)
            parts.append(Self.tags(cells))
        }
        return parts.joined(separator: " AND ")
    }

    private var words: String {
        var words = query.tokens.map { Self.quoted($0) }
        if completesLastWord, let last = words.popLast() {
            words.append("(\(last) OR \(Self.quoted(query.lastWord)) *)")
        }
        return words.joined(separator: " AND ")
    }

    private var filters: [String] {
        // Each offer has a kind: with all of them the expression is never empty.
        let kinds =
            query.kinds.isEmpty
            ? OfferKind.allCases.filter { $0 != .unspecified } : query.kinds
        return [
            kinds.map { OfferTags.kind($0) },
            query.contracts.map { OfferTags.contract($0) },
            query.experiences.map { OfferTags.experience($0) },
            query.workingTimes.map { OfferTags.workingTime($0) },
            query.romes.map { OfferTags.rome($0) },
        ].filter { !$0.isEmpty }.map(Self.tags)
    }

    private static func tags(_ tokens: [String]) -> String {
        "{tags} : (\(tokens.map(quoted).joined(separator: " OR ")))"
    }

    private static func quoted(_ token: String) -> String {
        "\"\(token.replacing("\"", with: "\"\""))\""
    }
}
