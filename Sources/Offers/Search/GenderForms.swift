/// Brings the feminine and the masculine form of a trade to one: "vendeuse" and "vendeur" both
/// become "vendeu", "infirmière" becomes "infirmier".
///
/// Works on folded words, before stemming. A rule applies only if enough of the word remains to
/// tell it from others; what the rules make is no French, but the same for text and query.
enum GenderForms {
    /// An ending, what replaces it, and how many letters must come before it.
    private struct Rule {
        let ending: [UInt8]
        let replacement: [UInt8]
        let stemLettersMin: Int

        init(_ ending: String, _ replacement: String, _ stemLettersMin: Int) {
            self.ending = Array(ending.utf8)
            self.replacement = Array(replacement.utf8)
            self.stemLettersMin = stemLettersMin
        }
    }

    /// Longer endings first; the first that fits is applied.
    private static let rules = [
        Rule("trice", "teu", 2),  // conductrice
        Rule("euse", "eu", 3),  // vendeuse, sérieuse
        Rule("eure", "eu", 3),  // ingénieure
        Rule("iere", "ier", 2),  // infirmière
        Rule("eur", "eu", 3),  // vendeur
        Rule("eux", "eu", 3),  // sérieux
        Rule("ere", "er", 3),  // boulangère
        Rule("ive", "if", 3),  // sportive
        Rule("ee", "e", 3),  // employée
    ]

    /// Pairs that no rule joins.
    private static let pairs: [ArraySlice<UInt8>: ArraySlice<UInt8>] = [
        slice("cheffe"): slice("chef"),
        slice("hotesse"): slice("hote"),
        slice("maitresse"): slice("maitre"),
        slice("steward"): slice("hote"),
    ]

    /// The form that a word shares with its other gender, its plural mark dropped.
    static func common(_ word: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard word.count >= 5 else { return word }
        let hasPlural = word.last == UInt8(ascii: "s") && word.dropLast().last != UInt8(ascii: "s")
        let singular = hasPlural ? word.dropLast() : word
        if let pair = pairs[singular] { return pair }
        for rule in rules
        where singular.count >= rule.ending.count + rule.stemLettersMin
            && singular.suffix(rule.ending.count).elementsEqual(rule.ending)
        {
            return singular.dropLast(rule.ending.count) + rule.replacement
        }
        return singular
    }

    private static func slice(_ word: String) -> ArraySlice<UInt8> {
        ArraySlice(Array(word.utf8))
    }
}
