/// The form in which names of places are compared.
///
/// Case, accents, hyphens, apostrophes, "saint" or "st", a district's "e" or "ème", and what stands
/// in brackets do not matter: "Saint-Étienne", "ST ETIENNE", "Paris 1er Arrondissement" and
/// "PARIS 01" become "st etienne" and "paris 1".
enum PlaceName {
    private static let cities: Set<String> = ["paris", "lyon", "marseille"]

    /// The key of a name; empty if it has no letter or digit.
    static func key(_ name: String) -> String {
        var words: [String] = []
        var word = ""
        var isInBrackets = false
        for character in Folding.fold(name).unicodeScalars {
            if character == "(" { isInBrackets = true }
            let isPart = character.properties.isAlphabetic || ("0"..."9").contains(character)
            if isPart, !isInBrackets {
                word.unicodeScalars.append(character)
            } else if !word.isEmpty {
                words.append(short(word))
                word = ""
            }
            if character == ")" { isInBrackets = false }
        }
        if !word.isEmpty { words.append(short(word)) }
        return district(words).joined(separator: " ")
    }

    private static func short(_ word: String) -> String {
        switch word {
        case "saint": "st"
        case "sainte": "ste"
        case "sur", "sr": "s"
        default: word
        }
    }

    /// "marseille 13e arrondissement" becomes "marseille 13"; "paris cedex 08" becomes "paris 8".
    private static func district(_ words: [String]) -> [String] {
        let words = words.filter { $0 != "cedex" && $0 != "arrondissement" && $0 != "arr" }
        guard words.count >= 2, cities.contains(words[0]) else { return words }
        let digits = words[1].prefix { $0.isASCII && $0.isNumber }
        let ending = words[1].dropFirst(digits.count)
        guard let number = Int(digits), (1...20).contains(number),
            ["", "e", "er", "eme", "ieme"].contains(String(ending))
        else { return words }
        return [words[0], String(number)]
    }
}
