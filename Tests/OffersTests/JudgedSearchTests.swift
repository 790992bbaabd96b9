import Contracts
import RPC
import Testing

@testable import Offers

/// Whether searches find what people mean, on a corpus where that is known.
@Suite struct JudgedSearchTests {
    private static let searches: [JudgedSearch] = [
        // Gender, plural, accents, case, marks.
        .init(words: "vendeur", trades: [0, 1]), .init(words: "vendeuse", trades: [0, 1]),
        .init(words: "VENDEUSES", trades: [0, 1]), .init(words: "vendeur/se", trades: [0, 1]),
        .init(words: "vendeur(se) boulangerie", trades: [1]),
        .init(words: "serveur h/f", trades: [2]), .init(words: "serveuse", trades: [2]),
        .init(words: "SERVEUR (H/F)", trades: [2]), .init(words: "aide soignant", trades: [3]),
        .init(words: "aide-soignante", trades: [3]), .init(words: "Aides soignants", trades: [3]),
        .init(words: "developpeur python", trades: [4]),
        .init(words: "développeuse Python", trades: [4]),
        .init(words: "développeur php", trades: [5]), .init(words: "développeur", trades: [4, 5]),
        .init(words: "boulangère", trades: [6]), .init(words: "boulanger", trades: [6]),
        .init(words: "patissier", trades: [7]), .init(words: "infirmiere", trades: [9]),
        .init(words: "l'infirmier", trades: [9]), .init(words: "comptables", trades: [11]),
        .init(words: "cuisinière", trades: [12]), .init(words: "coiffeur", trades: [22]),
        .init(words: "maçonne", trades: [23]), .init(words: "macon", trades: [23]),
        .init(words: "electricienne", trades: [24]), .init(words: "peintre", trades: [26]),
        .init(words: "soudeuse", trades: [27]), .init(words: "menuisière", trades: [36]),
        .init(words: "bouchère", trades: [37]), .init(words: "jardinière", trades: [34]),
        // Typing mistakes.
        .init(words: "boulangr", trades: [6]), .init(words: "infimier", trades: [9]),
        .init(words: "comtpable", trades: [11]), .init(words: "cuisnier", trades: [12]),
        .init(words: "mecanicein automobile", trades: [8]), .init(words: "serveru", trades: [2]),
        .init(words: "plombeir", trades: [25]), .init(words: "secretiare", trades: [21]),
        .init(words: "coifeur", trades: [22]), .init(words: "receptioniste", trades: [33]),
        // Unfinished words.
        .init(words: "electric", trades: [24]), .init(words: "téléconseil", trades: [32]),
        // Other names of a trade, abbreviations.
        .init(words: "caissier", trades: [10]), .init(words: "hotesse de caisse", trades: [10]),
        .init(words: "mécanicien auto", trades: [8]),
        .init(words: "conseiller de vente", trades: [0, 1]),
        .init(words: "chauffeur poids lourd", trades: [14]),
        .init(words: "femme de ménage", trades: [18]),
        .init(words: "agent d'entretien", trades: [18]),
        .init(words: "vigile", trades: [17]), .init(words: "aide à domicile", trades: [19]),
        .init(words: "auxiliaire de vie", trades: [19]), .init(words: "nounou", trades: [20]),
        .init(words: "instituteur", trades: [31]),
        .init(words: "conducteur de chariot", trades: [16]),
        .init(words: "livreur", trades: [15]), .init(words: "agent de plonge", trades: [35]),
        .init(words: "commis cuisine", trades: [13]),
        // Places, contracts and radius among the words.
        .init(words: "vendeur Lyon", trades: [0, 1], city: 1),
        .init(words: "vendeuse à Lyon", trades: [0, 1], city: 1),
        .init(words: "CDI Marseille 13", trades: Array(0..<40), city: 2, contract: 0),
        .init(words: "mécanicien auto 30 km Lille", trades: [8], city: 3),
        .init(words: "serveur bordeaux", trades: [2], city: 4),
        .init(words: "infirmière saint etienne", trades: [9], city: 9),
        .init(words: "Nantes boulanger cdd", trades: [6], city: 5, contract: 1),
        .init(words: "coiffeuse 51100", trades: [22], city: 6),
        .init(words: "interim cariste toulouse", trades: [16], city: 7, contract: 2),
        .init(words: "aide soignante autour de Rennes", trades: [3], city: 8),
        .init(words: "plombier dans un rayon de 20 km de Paris", trades: [25], city: 0),
    ]

    @Test func theFirstTenAnswerWhatWasMeant() async throws {
        #expect(Self.searches.count >= 60)
        try await withOffers { scene in
            let imported = try await scene.importOffers(JudgedCorpus.file, from: .franceTravail)
            #expect(imported.refused == 0)
            let all = JudgedCorpus.trades.indices.flatMap { trade in
                JudgedCorpus.cities.indices.flatMap { city in
                    (0..<4).map { "t\(trade)-c\(city)-v\($0)" }
                }
            }
            var sum = 0.0
            for search in Self.searches {
                let request = SearchOffersRequest(words: search.words, limit: 10)
                let found = try await scene.found(request)
                let ndcg = search.ndcg(found, all: all)
                sum += ndcg
                let grades = found.map(search.grade)
                #expect(ndcg >= 0.6, "\(search.words): \(ndcg), \(grades), \(found)")
                // What is meant must be first, and nothing else before it.
                #expect(grades.first ?? 0 > 0, "\(search.words): \(found)")
            }
            let mean = sum / Double(Self.searches.count)
            #expect(mean >= 0.85, "NDCG@10 is \(mean)")
        }
    }

    @Test func whatIsNotMeantStaysOut() async throws {
        try await withOffers { scene in
            _ = try await scene.importOffers(JudgedCorpus.file, from: .franceTravail)
            // A place keeps everything elsewhere out, a contract all others.
            for (words, city, contract) in [("vendeur lyon", 1, nil), ("serveur cdi", nil, 0)]
                as [(String, Int?, Int?)]
            {
                let request = SearchOffersRequest(words: words, limit: 100)
                let search = JudgedSearch(
                    words: words,
                    trades: Array(JudgedCorpus.trades.indices),
                    city: city,
                    contract: contract
                )
                let found = try await scene.found(request)
                #expect(!found.isEmpty)
                #expect(found.allSatisfy { search.grade($0) > 0 }, "\(words)")
            }
            #expect(try await scene.found("astronaute") == [])
        }
    }
}
