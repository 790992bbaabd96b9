import Contracts
import Foundation

/// Makes searches and offers that are skewed as real ones are: few trades, words and communes make
/// up most of them.
struct SampleMaker {
    /// 28 November 2026, noon: offers are some days old.
    static let nowMs: Int64 = 1_795_867_200_000

    private var state: UInt64
    private let places: [Place]
    private let placeWeights: [Double]
    private let words: [String]
    private var offers = 0

    private static let contracts = ["CDI", "CDD", "MIS", "SAI"]
    /// As many trades as the ROME has, in its spelling.
    private static let romes = "ABCDEFGHIJKLMN".flatMap { letter in
        (11...16).flatMap { domain in (1...6).map { "\(letter)\(domain)0\($0)" } }
    }

    init(seed: UInt64, places: [Place]) {
        state = seed
        self.places = places
        var sum = 0.0
        placeWeights = places.map { place in
            sum += Double(place.population)
            return sum
        }
        let syllables = "ba co di fu ge lo mi na pe ri su ta vo".split(separator: " ")
        let count = syllables.count
        words = (0..<8_000).map { number in
            let places = [number, number / count, number / count / count, number * 7 + 3]
            return places.map { syllables[$0 % count] }.joined()
        }
    }

    /// 75 in 100 with words and place, 10 with words alone, 14 with trade and place, 1 with a place
    /// and a kind alone; some filtered further.
    mutating func search() -> SearchOffersRequest {
        var search = SearchOffersRequest()
        let share = next(100)
        if share < 85 { search.words = trade() }
        if share < 85, next(5) == 0 { search.words += " " + word() }
        if share < 75 || share >= 85 {
            search.place = place().insee
            search.radiusKm = [5, 10, 10, 10, 20, 30, 50][next(7)]
        }
        if share >= 85, share < 99 { search.romes = [Self.romes[skewed(Self.romes.count)]] }
        if share >= 99 { search.kinds = [.job] }
        if next(4) == 0 { search.contracts = [[.cdi, .cdd, .interim][next(3)]] }
        if next(6) == 0 { search.experiences = [.beginnerAccepted] }
        if next(10) == 0 { search.publishedWithinDays = 7 }
        return search
    }

    /// An offer in France Travail's format, of some 150 words.
    mutating func offer() -> String {
        offers += 1
        let place = place()
        let text = (0..<150).map { _ in word() }.joined(separator: " ")
        let day = 15 + next(13)
        return #"{"id":"B\#(offers)","intitule":"\#(trade()) (H/F)","description":"\#(text)","#
            + #""dateCreation":"2026-11-\#(day)T08:00:00.000Z","#
            + #""lieuTravail":{"libelle":"","commune":"\#(place.insee)"},"#
            + #""romeCode":"\#(Self.romes[skewed(Self.romes.count)])","#
            + #""typeContrat":"\#(Self.contracts[skewed(4)])","#
            + #""experienceExige":"\#(["D", "E", "S"][next(3)])","#
            + #""origineOffre":{"urlOrigine":"https://example.org/\#(offers)"}}"#
    }

    /// A trade and what it is further called, as titles have it.
    private mutating func trade() -> String {
        let number = skewed(Self.trades.count * Self.further.count)
        let trade = Self.trades[number % Self.trades.count]
        return "\(trade) \(Self.further[number / Self.trades.count])"
    }

    private mutating func word() -> String { words[skewed(words.count)] }

    private mutating func place() -> Place {
        let wanted = unit() * (placeWeights.last ?? 0)
        var low = 0
        var high = placeWeights.count - 1
        while low < high {
            let middle = (low + high) / 2
            if placeWeights[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return places[low]
    }

    /// A place in a list whose n-th entry is about 1/n as frequent as the first.
    private mutating func skewed(_ count: Int) -> Int {
        let place = pow(Double(count), unit())
        return min(count - 1, Int(place) - 1)
    }

    // Source: S. Vigna, splitmix64.
    private mutating func random() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    private mutating func next(_ bound: Int) -> Int { Int(random() % UInt64(bound)) }

    private mutating func unit() -> Double { Double(random() >> 11) / Double(1 << 53) }
}

extension SampleMaker {
    fileprivate static let further = [
        "", "polyvalent", "confirmé", "débutant", "en alternance", "de nuit", "bilingue",
        "saisonnier", "itinérant", "référent",
    ]

    /// Trades, the frequent ones first.
    fileprivate static let trades = [
        "Vendeur en prêt-à-porter", "Serveur en restauration", "Aide à domicile",
        "Agent de nettoyage", "Employé de libre-service", "Préparateur de commandes",
        "Aide-soignant", "Cuisinier", "Conducteur routier", "Manutentionnaire",
        "Vendeur en boulangerie", "Hôte de caisse", "Secrétaire médical", "Assistant commercial",
        "Maçon", "Électricien du bâtiment", "Plombier chauffagiste", "Agent de sécurité",
        "Auxiliaire de vie", "Cariste", "Magasinier", "Comptable", "Infirmier", "Soudeur",
        "Mécanicien automobile", "Peintre en bâtiment", "Plongeur en restauration",
        "Assistant administratif", "Téléconseiller", "Chauffeur livreur", "Boulanger", "Pâtissier",
        "Boucher", "Jardinier paysagiste", "Animateur périscolaire", "Éducateur spécialisé",
        "Technicien de maintenance", "Opérateur de production", "Couvreur", "Menuisier",
        "Carreleur", "Coiffeur", "Esthéticien", "Femme de chambre", "Réceptionniste d'hôtel",
        "Barman", "Chef de rang", "Commis de cuisine", "Conducteur d'engins", "Charpentier",
        "Fleuriste", "Caissier", "Gestionnaire de paie", "Développeur web", "Technicien réseau",
        "Graphiste", "Assistant maternel", "Agent d'accueil", "Agent de propreté urbaine",
        "Ouvrier agricole", "Maraîcher", "Viticulteur", "Tailleur de pierre", "Ébéniste",
        "Tapissier", "Bijoutier", "Souffleur de verre", "Maréchal-ferrant", "Luthier", "Relieur",
    ]
}
