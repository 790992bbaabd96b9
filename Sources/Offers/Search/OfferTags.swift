import Contracts

/// The terms of an offer that are no words: its trade's code and its cells on the map.
enum OfferTags {
    /// The byte before each of them in the index, which no word holds.
    static let mark: UInt8 = 1

    static func rome(_ code: String) -> String { "r\(code.lowercased())" }

    /// The term that the index holds for a tag.
    static func term(_ tag: String) -> [UInt8] { [mark] + Array(tag.utf8) }

    /// All tags of an offer, parted by spaces.
    static func tokens(of offer: Offer) -> String {
        var tokens: [String] = []
        if !offer.rome.isEmpty { tokens.append(rome(offer.rome)) }
        if let point = offer.summary?.place?.point { tokens += GeoCells.tokens(of: Point(point)) }
        return tokens.joined(separator: " ")
    }
}

extension Point {
    init(_ point: GeoPoint) {
        self.init(latitude: point.latitude, longitude: point.longitude)
    }
}
