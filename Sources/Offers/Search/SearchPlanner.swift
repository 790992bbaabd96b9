import Contracts

/// Decides what is looked up in the index for the words of a search.
///
/// Names of trades and what has synonyms become one group each, other words a group of their own. A
/// word that no offer holds becomes what it may be the beginning of, if it is the last one, else
/// what it was probably meant to be.
struct SearchPlanner {
    let segments: [LivingSegment]
    let vocabulary: Vocabulary

    /// A plan, and what was taken for something else on the way.
    struct Outcome {
        var plan = SearchPlan()
        var corrections: [WordCorrection] = []
    }

    /// What a search asks for as it was typed, whatever the index holds now: for offers to come.
    ///
    /// No word is completed or taken for another.
    static func literal(_ query: SearchQuery) -> SearchPlan {
        var plan = SearchPlan()
        let tokens = query.tokens
        var start = 0
        while start < tokens.count {
            let length = spanLength(tokens, from: start)
            let span = Array(tokens[start..<(start + length)])
            let alternatives = alternatives(span, wholeQuery: tokens.count)
            plan.groups.append(SearchPlan.Group(tokens: span, alternatives: alternatives))
            start += length
        }
        return plan
    }

    func plan(_ query: SearchQuery, completesLastWord: Bool) -> Outcome {
        var outcome = Outcome()
        let tokens = query.tokens
        var start = 0
        while start < tokens.count {
            let length = Self.spanLength(tokens, from: start)
            let span = Array(tokens[start..<(start + length)])
            let isLast = start + length == tokens.count
            let completes = isLast && !query.lastWord.isEmpty
            let alternatives =
                length == 1 && !isKnown(span[0])
                ? replacements(span[0], query, completing: completes, &outcome)
                : Self.alternatives(span, wholeQuery: tokens.count)
            var group = SearchPlan.Group(tokens: span, alternatives: alternatives)
            if completesLastWord, completes {
                group.alternatives += completion(span, query.lastWord)
            }
            outcome.plan.groups.append(group)
            start += length
        }
        return outcome
    }

    /// How many tokens from `start` on name one thing; 1 if only the first one does.
    private static func spanLength(_ tokens: [String], from start: Int) -> Int {
        let rest = tokens.count - start
        let longest = min(rest, max(TradeNames.tokensMax, Synonyms.tokensMax))
        for length in stride(from: longest, to: 1, by: -1) {
            let span = tokens[start..<(start + length)]
            if !TradeNames.shared.codes(span).isEmpty || !Synonyms.forms(span).isEmpty {
                return length
            }
        }
        return 1
    }

    private static func alternatives(
        _ span: [String],
        wholeQuery tokenCount: Int
    ) -> [SearchPlan.Alternative] {
        var alternatives = [words(span)]
        alternatives += Synonyms.forms(span).map(words)
        // One word among others seldom means a whole trade.
        if span.count > 1 || tokenCount == 1 {
            alternatives += TradeNames.shared.codes(span).map { code in
                SearchPlan.Alternative(terms: [.trade(OfferTags.term(OfferTags.rome(code)))])
            }
        }
        return alternatives
    }

    private static func words(_ tokens: [String]) -> SearchPlan.Alternative {
        SearchPlan.Alternative(terms: tokens.map { .word(Array($0.utf8)) })
    }

    private func completion(_ span: [String], _ lastWord: String) -> [SearchPlan.Alternative] {
        var terms = Self.words(span).terms
        terms[terms.count - 1] = .beginning(Array(lastWord.utf8))
        return [SearchPlan.Alternative(terms: terms)]
    }

    private func replacements(
        _ token: String,
        _ query: SearchQuery,
        completing completes: Bool,
        _ outcome: inout Outcome
    ) -> [SearchPlan.Alternative] {
        let synonyms = Synonyms.forms([token])
        if !synonyms.isEmpty { return synonyms.map(Self.words) }
        if completes, isBeginning(Array(query.lastWord.utf8)) {
            return completion([token], query.lastWord)
        }
        let typed = query.typed[token] ?? token
        if let spelling = spelling(Folding.fold(typed)) {
            outcome.corrections.append(WordCorrection(typed: typed, taken: spelling.word))
            return [Self.words(spelling.tokens)]
        }
        let guesses = vocabulary.guesses(Array(token.utf8))
        guard let first = guesses.first else { return [Self.words([token])] }
        let taken = String(decoding: first, as: UTF8.self)
        outcome.corrections.append(WordCorrection(typed: typed, taken: taken))
        return guesses.map { SearchPlan.Alternative(terms: [.word($0)]) }
    }

    /// The word of trades nearest to what was typed, of several the one that most offers hold.
    private func spelling(_ typed: String) -> (word: String, tokens: [String])? {
        let bytes = Array(typed.utf8)
        let mistakesMax = Vocabulary.mistakesMax(bytes)
        guard mistakesMax > 0 else { return nil }
        let analyzer = TextAnalyzer()
        var best: (word: String, tokens: [String], count: Int)?
        for word in TradeNames.shared.spellings(near: bytes, atMost: mistakesMax) {
            let tokens = analyzer.tokens(word).split(separator: " ").map(String.init)
            let count = tokens.count == 1 ? strongCount(tokens[0]) : 0
            if count > best?.count ?? 0 { best = (word, tokens, count) }
        }
        return best.map { ($0.word, $0.tokens) }
    }

    /// How many offers hold a token in title or trade.
    private func strongCount(_ token: String) -> Int {
        let bytes = Array(token.utf8)
        return segments.reduce(0) { sum, living in
            sum + (living.segment.index(of: bytes).map { living.segment.counts($0).strong } ?? 0)
        }
    }

    private func isKnown(_ token: String) -> Bool {
        let bytes = Array(token.utf8)
        return segments.contains { $0.segment.index(of: bytes) != nil }
    }

    private func isBeginning(_ prefix: [UInt8]) -> Bool {
        segments.contains { !$0.segment.indices(prefix: prefix).isEmpty }
    }
}
