import Contracts

/// Finds the traits of offers.
struct TwinReader: ~Copyable {
    /// Words of titles that tell nothing of the job.
    private static let noise = """
        urgent recrutement recrute poste emploi offre cdi cdd interim mission mois alternance alternant
        apprentissage apprenti apprentie contrat professionnalisation temps plein partiel debutant
        """
    /// Legal forms, and what companies put before their names.
    private static let forms: Set<String> = [
        "sas", "sasu", "sarl", "sa", "eurl", "snc", "scop", "sci", "groupe", "societe", "ste",
        "ets",
        "etablissements", "entreprise", "france",
    ]
    /// Words of a title that are compared.
    private static let titleWordsMax = 16
    /// Paris, Lyon and Marseille, whose offers bear the code of the city or of a district.
    private static let cities: Set<String> = ["75056", "69123", "13055"]

    private let analyzer = TextAnalyzer()
    private let noise: Set<Substring>

    init() {
        noise = Set(analyzer.tokens(Self.noise).split(separator: " "))
    }

    /// The traits of an offer; `nil` if it cannot be told whether another is the same: its place is
    /// unknown, or it is an immersion, which is no vacancy.
    func traits(of parsed: ParsedOffer) -> TwinTraits? {
        guard let summary = parsed.offer.summary, summary.kind != .immersion,
            let place = summary.place, let code = Self.code(of: place)
        else { return nil }
        let title = titleWords(summary.title, in: place)
        guard !title.isEmpty else { return nil }
        return TwinTraits(
            source: UInt8(truncatingIfNeeded: summary.source.rawValue),
            place: Self.hash(code),
            company: Self.company(summary.company),
            siret: UInt64(parsed.siret) ?? 0,
            day: UInt32(clamping: summary.publishedMs / 86_400_000),
            title: title,
            text: TextSketch(parsed.offer.description)
        )
    }

    private func titleWords(_ title: String, in place: OfferPlace) -> [UInt32] {
        let tokens = analyzer.tokens(title).split(separator: " ")
        let names = Set(analyzer.tokens(place.label).split(separator: " "))
        let telling = tokens.filter { !noise.contains($0) && !names.contains($0) }
        let words = Set(
            (telling.isEmpty ? tokens : telling).map { word in
                UInt32(truncatingIfNeeded: Self.hash(String(word)))
            }
        )
        return Array(words.sorted().prefix(Self.titleWordsMax))
    }

    /// The INSEE code, or, where some bear the code of the city and some that of the district, the
    /// postal code.
    private static func code(of place: OfferPlace) -> String? {
        guard !place.insee.isEmpty else { return nil }
        let isInDistrict =
            cities.contains(place.insee) || place.insee.hasPrefix("751")
            || place.insee.hasPrefix("6938") || place.insee.hasPrefix("132")
        return isInDistrict && !place.postalCode.isEmpty ? place.postalCode : place.insee
    }

    private static func company(_ name: String) -> UInt64 {
        let words = Folding.fold(name).split { !($0.isLetter || $0.isNumber) }
        let telling = words.filter { !forms.contains(String($0)) }
        let key = (telling.isEmpty ? words : telling).joined()
        return key.isEmpty ? 0 : hash(key)
    }

    private static func hash(_ text: String) -> UInt64 {
        var fingerprint = Fingerprint()
        fingerprint.add(text)
        return fingerprint.value
    }
}
