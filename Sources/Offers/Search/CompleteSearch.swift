public import Contracts
public import RPC
import ServiceKit

extension OffersService {
    /// Completes what a person is typing into the search box.
    ///
    /// - Throws: INVALID_ARGUMENT for words that are not 2 to 200 characters.
    public func completeSearch(
        _ request: CompleteSearchRequest,
        _ call: CallContext
    ) async throws -> CompleteSearchResponse {
        let words = try Check.text(request.words, "words", 2...OfferLimits.wordsMax)
        let limit = try Check.limit(request.limit, default: 8, max: 20)
        let completions = Completions(
            communes: try await communes.table(),
            segments: try await offers.index.segments()
        )
        return CompleteSearchResponse(completions: completions.of(words, limit: limit))
    }
}

/// Ways in which a search may go on: names of trades that offers have, words of such names, and
/// communes.
struct Completions {
    let communes: CommuneTable
    let segments: [LivingSegment]

    /// Names looked at, beginning alike.
    private static let namesMax = 200
    private static let placesMax = 3
    private static let lettersMin = 2
    /// Letters of an unfinished place's name behind other words.
    private static let placeLettersMin = 3

    func of(_ typed: String, limit: Int) -> [SearchCompletion] {
        let start = typed.drop(while: \.isWhitespace)
        let trades = trades(String(start))
        let last =
            start.split(omittingEmptySubsequences: false, whereSeparator: \.isWhitespace)
            .last ?? ""
        let before = String(start.dropLast(last.count))
        let places = before.isEmpty ? places(String(start), "") : places(String(last), before)
        let words = trades.isEmpty || !before.isEmpty ? self.words(String(last), before) : []
        // A place never pushes all trades out, nor the reverse.
        let kept = max(limit - places.count, limit / 2)
        return Array((Array((trades + words).prefix(kept)) + places).prefix(limit))
    }

    private func trades(_ typed: String) -> [SearchCompletion] {
        let key = Folding.fold(typed)
        guard key.utf8.count >= Self.lettersMin else { return [] }
        let found = TradeNames.shared.names(beginning: key, limit: Self.namesMax)
        let ranked = found.map { (name: $0, count: count($0)) }.filter { $0.count > 0 }
            .sorted { ($0.count, $1.name.count) > ($1.count, $0.name.count) }
        return ranked.map { SearchCompletion(kind: .tradeCompletion, words: $0.name) }
    }

    /// Words of trades that begin with the last word.
    private func words(_ last: String, _ before: String) -> [SearchCompletion] {
        let key = Folding.fold(last)
        guard key.utf8.count >= Self.lettersMin else { return [] }
        let found = TradeNames.shared.words(beginning: key, limit: Self.namesMax)
        let ranked = found.map { (word: $0, count: count($0)) }.filter { $0.count > 0 }
            .sorted { $0.count > $1.count }
        return ranked.map { SearchCompletion(kind: .wordCompletion, words: before + $0.word) }
    }

    private func places(_ last: String, _ before: String) -> [SearchCompletion] {
        let least = before.isEmpty ? Self.lettersMin : Self.placeLettersMin
        guard last.count >= least else { return [] }
        return communes.communes(prefix: last, limit: Self.placesMax).map { commune in
            SearchCompletion(
                kind: .placeCompletion,
                words: before + commune.name,
                place: Place(commune)
            )
        }
    }

    /// How many offers hold the rarest word of `text` in title or trade, roughly.
    private func count(_ text: String) -> Int {
        let tokens = TextAnalyzer().tokens(text).split(separator: " ").map { Array($0.utf8) }
        guard !tokens.isEmpty else { return 0 }
        var least = Int.max
        for token in tokens {
            var count = 0
            for living in segments {
                guard let index = living.segment.index(of: token) else { continue }
                count += living.segment.counts(index).strong
            }
            least = min(least, count)
        }
        return least
    }
}
