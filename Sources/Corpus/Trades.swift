import ClientKit
import Reference

/// The trades that offers are drawn from.
struct Trades: Sendable {
    let cards: [Card]
    private let weights: Weighted

    struct Card: Sendable {
        let code: [UInt8]
        /// The place of its letter in `DomainWords.letters`.
        let domain: Int
        /// The card's title first, then its other names.
        let names: [Name]
        fileprivate let nameWeights: Weighted
    }

    /// A name of a trade in the forms that titles have.
    struct Name: Sendable {
        /// For both: "Vendeur / Vendeuse en boulangerie".
        let full: [UInt8]
        /// "Vendeur en boulangerie".
        let masculine: [UInt8]
        let feminine: [UInt8]
        /// "VENDEUR EN BOULANGERIE".
        let shouted: [UInt8]

        init(_ label: String) {
            let (masculine, feminine) = Self.forms(label)
            full = Texts.safe(label)
            self.masculine = Texts.safe(masculine)
            self.feminine = Texts.safe(feminine)
            shouted = Texts.shouted(masculine)
        }

        /// "Agent commercial / Agente commerciale en vins": behind the bar stand as many words of the
        /// other gender as before it, then what both share.
        private static func forms(_ label: String) -> (String, String) {
            guard let bar = label.firstRange(of: " / ") else { return (label, label) }
            let before = label[..<bar.lowerBound]
            let behind = label[bar.upperBound...].split(separator: " ")
            let shared = behind.dropFirst(before.split(separator: " ").count)
            let masculine = ([before] + shared).joined(separator: " ")
            return (masculine, behind.joined(separator: " "))
        }
    }

    init() {
        cards = TradeCard.all.map { card in
            let names = ([card.title] + card.appellations).map(Name.init)
            let letter = card.code.first ?? "M"
            return Card(
                code: Texts.safe(card.code),
                domain: Array(DomainWords.letters).firstIndex(of: letter) ?? 12,
                names: names,
                nameWeights: .zipf(names.count)
            )
        }
        weights = Weighted(TradeCard.all.map { Self.weight(of: $0.code) })
    }

    /// The number of a card.
    func draw(_ random: inout SeededGenerator) -> Int {
        weights.draw(&random)
    }

    /// The number of one of a card's names.
    func drawName(of card: Int, _ random: inout SeededGenerator) -> Int {
        cards[card].nameWeights.draw(&random)
    }

    /// How often a trade is looked for: a few dozen make up half of all offers, as in the yearly
    /// inquiry "Besoins en main-d'œuvre" of France Travail; the other cards share the rest.
    private static func weight(of code: String) -> Int {
        let place = frequent.firstIndex { $0 == code }
        return place.map { 400 - 5 * $0 } ?? 10
    }

    private static let frequent = """
        K2204 G1803 N1103 K1302 D1106 J1501 G1609 K1304 N4101 M1602 J1506 D1507 G1602 N1105 K2205 D1505
        G1603 H2102 F1703 N1110 A1416 D1102 K1303 I1304 M1607 F1602 D1401 K2503 M1203 D1402 F1603 H2503
        N4105 H2913 I1604 M1805 D1502 K1207 G1204 K2104 F1606 F1704 J1301 N4103 C1502 M1605 D1214 G1501
        D1101 D1202 G1703 H2301 F1702 A1203 M1501 G1801 E1103 I1309 K1801 D1211
        """.split(whereSeparator: \.isWhitespace)
}
