/// The offers that came last in a file, to notice those that come again.
///
/// Holds between one and two times half of `OfferLimits.recentIDs`: two generations, the older of
/// which is dropped when the younger is full.
struct RecentOffers {
    /// What an offer is to those before it.
    enum Finding: Equatable {
        case new
        /// It came before, the same.
        case repeated
        /// It came before with other content.
        case contradicted
    }

    private var younger: [String: Int64] = [:]
    private var older: [String: Int64] = [:]

    /// Notes an offer, unless one with its id is known.
    mutating func note(_ id: String, _ contentHash: Int64) -> Finding {
        if let known = younger[id] ?? older[id] {
            return known == contentHash ? .repeated : .contradicted
        }
        if younger.count >= OfferLimits.recentIDs / 2 {
            older = younger
            younger = [:]
        }
        younger[id] = contentHash
        return .new
    }
}
