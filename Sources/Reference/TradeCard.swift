/// A card of the ROME, the State's list of trades.
public struct TradeCard: Sendable, Equatable {
    /// "D1106".
    public let code: String
    /// As the ROME words it, for both genders: "Vendeur / Vendeuse en épicerie".
    public let title: String
    /// Other names of the trade, worded alike, the shortest of them.
    public let appellations: [String]

    /// The cards of the ROME 4.0, in the order of their codes.
    public static let all: [TradeCard] = ReferenceText.lines(ReferenceText.trades).map { line in
        let fields = line.split(separator: "|").map(String.init)
        precondition(fields.count >= 2, "a card of trades.txt is malformed: \(line)")
        return TradeCard(
            code: fields[0],
            title: fields[1],
            appellations: Array(fields.dropFirst(2))
        )
    }
}
