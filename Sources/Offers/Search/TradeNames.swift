import Foundation
import Reference

/// The names of trades, by the tokens that make them: which ROME cards a search names.
final class TradeNames: Sendable {
    /// The names of the reference table.
    static let shared = TradeNames(TradeCard.all)

    /// Codes by the tokens of a name, each once, sorted and joined.
    private let codes: [String: [String]]
    private let words: Set<Substring>
    /// Names and their words in the order of their folded forms, with the forms that are shown.
    private let names: [Entry]
    private let nameWords: [Entry]
    /// The words of names in both genders, folded, by their first byte.
    private let spellings: [UInt8: [[UInt8]]]

    private struct Entry {
        let key: String
        let shown: String
    }

    /// Cards that one name may stand for.
    private static let codesMax = 8
    private static let wordLettersMin = 4
    /// Names of more tokens are not typed as a whole.
    static let tokensMax = 6

    init(_ cards: [TradeCard]) {
        let analyzer = TextAnalyzer()
        var codes: [String: [String]] = [:]
        var words: Set<Substring> = []
        var names: [String: String] = [:]
        var nameWords: [String: String] = [:]
        var spellings: Set<String> = []
        for card in cards {
            for name in [card.title] + card.appellations {
                let tokens = analyzer.tokens(name).split(separator: " ")
                words.formUnion(tokens)
                let key = Self.key(tokens)
                if codes[key]?.contains(card.code) != true {
                    codes[key, default: []].append(card.code)
                }
                let shown = Self.masculine(name)
                names[Folding.fold(shown)] = shown
                for word in Folding.fold(name).split(whereSeparator: { !$0.isLetter })
                where word.count >= Self.wordLettersMin {
                    spellings.insert(String(word))
                }
                for word in shown.split(whereSeparator: { !$0.isLetter && $0 != "-" })
                where word.count >= Self.wordLettersMin {
                    nameWords[Folding.fold(String(word))] = word.lowercased()
                }
            }
        }
        self.codes = codes
        self.words = words
        self.names = Self.sorted(names)
        self.nameWords = Self.sorted(nameWords)
        let bytes = spellings.map { Array($0.utf8) }
        self.spellings = Dictionary(grouping: bytes) { $0.first ?? 0 }
    }

    /// The words of names that are nearest to `word`, which is folded, within so many mistakes.
    func spellings(near word: [UInt8], atMost mistakesMax: Int) -> [String] {
        var nearest: [String] = []
        var least = mistakesMax
        for spelling in spellings[word.first ?? 0] ?? [] {
            guard let distance = EditDistance.between(spelling, word, atMost: least) else {
                continue
            }
            if distance < least { nearest = [] }
            least = distance
            nearest.append(String(decoding: spelling, as: UTF8.self))
        }
        return nearest.sorted()
    }

    private static func sorted(_ names: [String: String]) -> [Entry] {
        names.map { Entry(key: $0.key, shown: $0.value) }.sorted { $0.key < $1.key }
    }

    /// Names that begin with `key`, which is folded.
    func names(beginning key: String, limit: Int) -> [String] {
        Self.entries(names, beginning: key, limit: limit)
    }

    /// Words of names that begin with `key`, which is folded.
    func words(beginning key: String, limit: Int) -> [String] {
        Self.entries(nameWords, beginning: key, limit: limit)
    }

    private static func entries(_ entries: [Entry], beginning key: String, limit: Int) -> [String] {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return entries[low...].prefix(limit).prefix { $0.key.hasPrefix(key) }.map(\.shown)
    }

    /// The codes of the cards that have the name which `tokens` make, in any order.
    func codes(_ tokens: some Collection<String>) -> [String] {
        Array((codes[Self.key(tokens.map { $0[...] })] ?? []).prefix(Self.codesMax))
    }

    /// Whether a word of `text` is a word of a trade's name.
    func holdsWord(of text: String) -> Bool {
        TextAnalyzer().tokens(text).split(separator: " ").contains { words.contains($0) }
    }

    private static func key(_ tokens: [Substring]) -> String {
        Set(tokens).sorted().joined(separator: " ")
    }

    /// The first of the two forms of a name: "Vendeur en épicerie" of "Vendeur / Vendeuse en
    /// épicerie".
    private static func masculine(_ name: String) -> String {
        guard let slash = name.range(of: " / ") else { return name }
        let before = name[..<slash.lowerBound]
        let after = name[slash.upperBound...]
        // The second form has as many words as the first, and what follows belongs to both.
        let count = before.split(separator: " ").count
        let rest = after.split(separator: " ").dropFirst(count)
        return ([String(before)] + rest.map(String.init)).joined(separator: " ")
    }
}
