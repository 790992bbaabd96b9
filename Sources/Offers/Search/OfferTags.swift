import Contracts

/// The tokens by which filters are part of the index walk; they stand in a column of their own.
enum OfferTags {
    static func kind(_ kind: OfferKind) -> String { "k\(kind.rawValue)" }
    static func contract(_ contract: ContractType) -> String { "c\(contract.rawValue)" }
    static func experience(_ experience: Experience) -> String { "e\(experience.rawValue)" }
    static func workingTime(_ time: WorkingTime) -> String { "w\(time.rawValue)" }
    static func rome(_ code: String) -> String { "r\(code.lowercased())" }

    /// All tokens of an offer, parted by spaces.
    static func tokens(of offer: Offer) -> String {
        let summary = offer.summary ?? OfferSummary()
        var tokens = [
            kind(summary.kind), contract(summary.contract), experience(summary.experience),
            workingTime(summary.workingTime),
        ]
        if !offer.rome.isEmpty { tokens.append(rome(offer.rome)) }
        if let point = summary.place?.point { tokens += GeoCells.tokens(of: Point(point)) }
        return tokens.joined(separator: " ")
    }
}

extension Point {
    init(_ point: GeoPoint) {
        self.init(latitude: point.latitude, longitude: point.longitude)
    }
}
