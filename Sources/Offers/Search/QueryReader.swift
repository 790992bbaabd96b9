import Contracts

/// What a person named among the words: a place, a radius, a contract, a kind, hours.
struct ReadWords: Sendable, Equatable {
    /// What is left to look for as words.
    var words = ""
    var place: Commune?
    var radiusKm: UInt32 = 0
    var kinds: [OfferKind] = []
    var contracts: [ContractType] = []
    var workingTimes: [WorkingTime] = []
}

/// Reads what people type into the one search box: "CDI vendeuse à Lyon 20 km".
///
/// Only what a request leaves open is read from the words: an explicit filter stands, and the word
/// stays a word.
struct QueryReader {
    let communes: CommuneTable
    let readsPlace: Bool
    let readsRadius: Bool
    let readsKinds: Bool
    let readsContracts: Bool
    let readsWorkingTimes: Bool

    /// One piece between white space, as typed and as compared.
    private struct Piece {
        let text: Substring
        let key: String
    }

    private static let radiusKmMax: UInt32 = 200
    /// Names of places have at most so many words.
    private static let placeWordsMax = 6
    /// Pieces of a search that are read; what follows stays words.
    private static let piecesMax = 40
    /// A commune that is named like a word of trades counts as a place from this size on.
    private static let largePopulation = 20_000
    /// A smaller commune counts as a place only behind a word such as "à".
    private static let smallPopulation = 2_000

    /// Words that lead to a place and mean nothing without it.
    private static let leads: Set<String> = [
        "a", "sur", "vers", "pres", "proche", "autour", "dans", "region", "secteur", "de", "d",
        "en",
        "un", "rayon", "du", "cote",
    ]

    private static let contractWords: [String: ContractType] = [
        "cdi": .cdi, "cdd": .cdd, "interim": .interim, "interimaire": .interim,
        "saisonnier": .seasonal, "saisonniere": .seasonal, "saison": .seasonal,
        "apprentissage": .apprentissage, "professionnalisation": .professionnalisation,
    ]

    private static let kindPhrases: [([String], OfferKind)] = [
        (["service", "civique"], .civicService), (["alternance"], .apprenticeship),
        (["immersion"], .immersion),
    ]

    private static let timePhrases: [([String], WorkingTime)] = [
        (["temps", "plein"], .fullTime), (["plein", "temps"], .fullTime),
        (["temps", "partiel"], .partTime), (["mi", "temps"], .partTime),
        (["mi temps"], .partTime),
    ]

    func read(_ text: String) -> ReadWords {
        var pieces = text.split(whereSeparator: \.isWhitespace).map { piece in
            Piece(text: piece, key: PlaceName.key(String(piece)))
        }
        var result = ReadWords()
        guard pieces.count <= Self.piecesMax else {
            result.words = text
            return result
        }
        if readsRadius { readRadius(&pieces, &result) }
        readPhrases(&pieces, &result)
        if readsPlace { readPlace(&pieces, &result) }
        result.words = pieces.map(\.text).joined(separator: " ")
        return result
    }

    /// "30 km", "30km", "30 kilomètres".
    private func readRadius(_ pieces: inout [Piece], _ result: inout ReadWords) {
        let units: Set<String> = ["km", "kms", "kilometre", "kilometres"]
        for index in pieces.indices {
            let key = pieces[index].key
            let digits = key.prefix { $0.isASCII && $0.isNumber }
            guard let number = UInt32(digits), number > 0 else { continue }
            let unit = String(key.dropFirst(digits.count))
            let next = index + 1 < pieces.count ? pieces[index + 1].key : ""
            let length = units.contains(unit) ? 1 : unit.isEmpty && units.contains(next) ? 2 : 0
            guard length > 0 else { continue }
            result.radiusKm = min(number, Self.radiusKmMax)
            remove(index..<(index + length), from: &pieces)
            return
        }
    }

    private func readPhrases(_ pieces: inout [Piece], _ result: inout ReadWords) {
        if readsWorkingTimes {
            for (phrase, time) in Self.timePhrases where take(phrase, from: &pieces) {
                result.workingTimes = [time]
            }
        }
        if readsKinds {
            for (phrase, kind) in Self.kindPhrases where take(phrase, from: &pieces) {
                result.kinds = [kind]
            }
        }
        guard readsContracts else { return }
        while let index = pieces.firstIndex(where: { Self.contractWords[$0.key] != nil }) {
            let contract = Self.contractWords[pieces[index].key] ?? .unspecified
            if !result.contracts.contains(contract) { result.contracts.append(contract) }
            pieces.remove(at: index)
        }
    }

    private func take(_ phrase: [String], from pieces: inout [Piece]) -> Bool {
        let keys = pieces.map(\.key)
        guard
            let start = keys.indices.first(where: { keys[$0...].starts(with: phrase) })
        else { return false }
        pieces.removeSubrange(start..<(start + phrase.count))
        return true
    }

    /// The longest name of a commune, from the end backwards: people put the place last.
    private func readPlace(_ pieces: inout [Piece], _ result: inout ReadWords) {
        for length in stride(from: min(Self.placeWordsMax, pieces.count), through: 1, by: -1) {
            for start in stride(from: pieces.count - length, through: 0, by: -1) {
                let range = start..<(start + length)
                guard let commune = commune(pieces, range) else { continue }
                result.place = commune
                remove(range, from: &pieces)
                return
            }
        }
    }

    private func commune(_ pieces: [Piece], _ range: Range<Int>) -> Commune? {
        let words = pieces[range]
        // A name neither begins nor ends with a word that leads to it.
        guard let first = words.first?.key, let last = words.last?.key, !first.isEmpty,
            !last.isEmpty, !Self.leads.contains(first), !Self.leads.contains(last)
        else { return nil }
        let text = words.map(\.text).joined(separator: " ")
        let isPostalCode = range.count == 1 && first.count == 5 && first.allSatisfy(\.isNumber)
        if isPostalCode { return communes.commune(postalCode: first) }
        // Numbers alone, such as "35", "24h", are no places.
        guard first.contains(where: \.isLetter), let commune = found(text, words) else {
            return nil
        }
        let isLed = range.lowerBound > 0 && Self.leads.contains(pieces[range.lowerBound - 1].key)
        if isLed { return commune }
        if commune.population < Self.smallPopulation { return nil }
        // "macon" is a mason; "Mâcon" is the city.
        let isSpelled = text.lowercased() == commune.name.lowercased()
        let isLarge = commune.population >= Self.largePopulation && isSpelled
        return isLarge || !TradeNames.shared.holdsWord(of: text) ? commune : nil
    }

    /// The commune of a text; "Marseille 13" is the whole city, as its department has that number.
    private func found(_ text: String, _ words: ArraySlice<Piece>) -> Commune? {
        if let department = words.last?.key, words.count > 1, Department.isCode(department) {
            let name = words.dropLast().map(\.text).joined(separator: " ")
            let city = communes.commune(name: name, department: department)
            if let city { return city }
        }
        return communes.find(text)
    }

    /// Takes pieces out, and before them what led to them.
    private func remove(_ range: Range<Int>, from pieces: inout [Piece]) {
        var start = range.lowerBound
        while start > 0, Self.leads.contains(pieces[start - 1].key) { start -= 1 }
        pieces.removeSubrange(start..<range.upperBound)
    }
}
