import Contracts
import Foundation
import Testing

@testable import Offers

/// A fixed corpus in which anyone can say what answers a search: each trade in each of ten cities,
/// under different contracts and dates, with texts that speak of other trades as well.
enum JudgedCorpus {
    struct Trade {
        /// As offers title it, both genders.
        let title: String
        /// As other offers title the same trade.
        let other: String
        let rome: String
        let label: String
    }

    struct City {
        let insee: String
        let name: String
    }

    static let cities = [
        City(insee: "75056", name: "Paris"), City(insee: "69123", name: "Lyon"),
        City(insee: "13055", name: "Marseille"), City(insee: "59350", name: "Lille"),
        City(insee: "33063", name: "Bordeaux"), City(insee: "44109", name: "Nantes"),
        City(insee: "51454", name: "Reims"), City(insee: "31555", name: "Toulouse"),
        City(insee: "35238", name: "Rennes"), City(insee: "42218", name: "Saint-Étienne"),
    ]

    /// Masculine, feminine, another title, ROME code, the code's name.
    static let trades: [Trade] = """
        Vendeur|Vendeuse|en prêt-à-porter|Conseillère de vente mode|D1214|Vente en habillement
        Vendeur|Vendeuse|en boulangerie|Vendeuse boulangerie pâtisserie|D1106|Vente en alimentation
        Serveur|Serveuse|de restaurant|Chef de rang|G1803|Service en restauration
        Aide-soignant|Aide-soignante||Aide soignante de nuit|J1501|Soins d'hygiène
        Développeur|Développeuse|Python|Ingénieure logiciel Python|M1805|Études informatiques
        Développeur|Développeuse|web PHP|Développeuse Symfony|M1855|Développement web
        Boulanger|Boulangère||Ouvrier boulanger|D1102|Boulangerie
        Pâtissier|Pâtissière||Tourier pâtissier|D1104|Pâtisserie
        Mécanicien|Mécanicienne|automobile|Mécanicienne auto confirmée|I1604|Mécanique automobile
        Infirmier|Infirmière||Infirmier diplômé d'État|J1506|Soins infirmiers généralistes
        Hôte|Hôtesse|de caisse|Caissier en supermarché|D1505|Personnel de caisse
        Comptable|Comptable|unique|Comptable fournisseurs|M1203|Comptabilité
        Cuisinier|Cuisinière||Cuisinier de collectivité|G1606|Cuisine
        Commis|Commise|de cuisine|Aide de cuisine|G1602|Personnel de cuisine
        Conducteur|Conductrice|de poids lourd|Chauffeur PL|N4101|Conduite de marchandises
        Chauffeur-livreur|Chauffeuse-livreuse||Livreur de colis|N4105|Livraison
        Cariste|Cariste||Conducteur de chariot élévateur|N1101|Conduite d'engins
        Agent|Agente|de sécurité|Agent de sécurité SSIAP|K2503|Sécurité privée
        Agent|Agente|de propreté|Agent d'entretien des locaux|K2204|Nettoyage de locaux
        Auxiliaire|Auxiliaire|de vie|Aide à domicile|K1302|Assistance auprès d'adultes
        Assistant|Assistante|maternel|Assistante maternelle|K1303|Assistance auprès d'enfants
        Secrétaire|Secrétaire|médicale|Secrétaire de cabinet médical|M1609|Secrétariat
        Coiffeur|Coiffeuse||Coiffeuse mixte|D1202|Coiffure
        Maçon|Maçonne||Ouvrier maçon|F1703|Maçonnerie
        Électricien|Électricienne|bâtiment|Électricien du tertiaire|F1602|Électricité bâtiment
        Plombier|Plombière|chauffagiste|Plombier dépannage|F1603|Installation d'équipements
        Peintre|Peintre|en bâtiment|Peintre façadier|F1606|Peinture en bâtiment
        Soudeur|Soudeuse|TIG|Soudeur à l'arc|H2913|Soudage manuel
        Préparateur|Préparatrice|de commandes|Préparateur de colis|N1103|Magasinage
        Animateur|Animatrice|périscolaire|Animatrice de centre de loisirs|G1203|Animation de loisirs
        Éducateur|Éducatrice|de jeunes enfants|Éducatrice en crèche|K1202|Éducation
        Professeur|Professeure|des écoles|Enseignant du premier degré|K2106|Enseignement
        Téléconseiller|Téléconseillère||Conseiller clientèle à distance|D1408|Téléconseil
        Réceptionniste|Réceptionniste|d'hôtel|Réceptionniste de nuit|G1703|Réception
        Jardinier|Jardinière||Ouvrier paysagiste|A1203|Espaces verts
        Plongeur|Plongeuse|en restauration|Agent de plonge|G1605|Plonge
        Menuisier|Menuisière||Menuisier poseur|F1607|Menuiserie
        Boucher|Bouchère||Boucher désosseur|D1101|Boucherie
        Technicien|Technicienne|informatique|Technicien de maintenance informatique|I1401|Informatique
        Préparateur|Préparatrice|en pharmacie|Préparatrice officine|J1307|Pharmacie
        """.split(separator: "\n").map { line in
            let fields = line.split(separator: "|", omittingEmptySubsequences: false)
                .map(String.init)
            let forms = "\(fields[0]) / \(fields[1])"
            return Trade(
                title: fields[2].isEmpty ? "\(forms) (H/F)" : "\(forms) \(fields[2]) (H/F)",
                other: fields[3],
                rome: fields[4],
                label: fields[5]
            )
        }

    private static let contracts = ["CDI", "CDD", "MIS"]

    /// The offers, as a file of France Travail.
    static let file: String = {
        var lines: [String] = []
        for (number, trade) in trades.enumerated() {
            for (place, city) in cities.enumerated() {
                for variant in 0..<4 {
                    let index = lines.count
                    let neighbour = trades[(number + 1 + variant) % trades.count]
                    let text = """
                        Vous travaillez avec des collègues : \(neighbour.title), \(neighbour.other). \
                        Débutants acceptés, formation assurée, équipe de \(3 + index % 9) personnes.
                        """
                    lines.append(
                        SampleOffers.job(
                            "t\(number)-c\(place)-v\(variant)",
                            variant == 3 ? trade.other : trade.title,
                            description: text,
                            commune: city.insee,
                            created: "2026-0\(1 + index % 5)-\(10 + index % 19)T08:00:00Z",
                            contract: contracts[index % 3],
                            extra: #","romeCode":"\#(trade.rome)","romeLibelle":"\#(trade.label)""#
                        )
                    )
                }
            }
        }
        return lines.joined(separator: "\n")
    }()

    /// The trade, city and variant of an offer, from its id.
    static func origin(_ id: String) -> (trade: Int, city: Int, variant: Int)? {
        let numbers = id.split(separator: "-").compactMap { Int($0.dropFirst()) }
        return numbers.count == 3 ? (numbers[0], numbers[1], numbers[2]) : nil
    }
}

/// A search, and which offers answer it.
struct JudgedSearch: Sendable, CustomTestStringConvertible {
    let words: String
    /// Trades of the corpus that answer it, by number.
    let trades: [Int]
    /// The city meant, if one is.
    var city: Int?
    /// The contract meant, by its place in the corpus' rotation.
    var contract: Int?

    var testDescription: String { words }

    /// How well an offer answers: 3 fully, 0 not at all.
    func grade(_ id: String) -> Int {
        guard let origin = JudgedCorpus.origin(id), trades.contains(origin.trade) else { return 0 }
        if let city, city != origin.city { return 0 }
        let index = (origin.trade * JudgedCorpus.cities.count + origin.city) * 4 + origin.variant
        if let contract, contract != index % 3 { return 0 }
        return 3
    }

    /// The normalised discounted gain of the first ten, against the best that the corpus allows.
    func ndcg(_ ids: [String], all: [String]) -> Double {
        func gain(_ grades: [Int]) -> Double {
            grades.prefix(10).enumerated().reduce(0) { sum, next in
                sum + (pow(2, Double(next.element)) - 1) / log2(Double(next.offset) + 2)
            }
        }
        let ideal = gain(all.map(grade).sorted(by: >))
        return ideal == 0 ? 0 : gain(ids.map(grade)) / ideal
    }
}
