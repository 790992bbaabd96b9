import Foundation

/// What decides which offer is the best, as points.
///
/// Words come first: all in title or trade is worth at least 900, all in the text at most 750 with
/// everything else. Then distance (400 at the door, 200 at 10 km, 100 at 30 km), what share of the
/// title was asked for (60), and freshness (150, halved every two weeks).
struct Worth: Sendable {
    /// Points of a word in the text, and how many more in a trade's name and in the title, where it
    /// is also counted, in the upper half.
    static let text: UInt32 = 20
    static let strongMore: UInt32 = 70
    static let titleMore: UInt32 = 10 + 1 << 16

    private static let coverage: UInt32 = 60
    private static let distance: Float = 400
    private static let freshness = 150.0
    private static let halfLifeDays = 14.0
    private static let halfDistanceMetres = 10_000.0
    private static let daysMax = 255

    let groupCount: UInt32
    let nowSeconds: UInt32
    /// Points by age in days.
    private let fresh: [UInt32]
    private let halfChord: Float

    init(groupCount: Int, nowSeconds: UInt32) {
        self.groupCount = UInt32(groupCount)
        self.nowSeconds = nowSeconds
        halfChord = Position.chordSquared(metres: Self.halfDistanceMetres).squareRoot()
        fresh = Self.freshByDay
    }

    private static let freshByDay = (0...daysMax).map { day in
        UInt32(freshness * pow(0.5, Double(day) / halfLifeDays))
    }

    /// The points of an offer; at most 1,610.
    @inline(__always)
    func of(
        words: UInt32,
        attributes: UInt32,
        published: UInt32,
        chordSquared: Float?
    ) -> UInt32 {
        var points: UInt32 = 0
        if groupCount > 0 {
            points = (words & 0xFFFF) * 10 / groupCount
            let titles = words >> 16
            if titles > 0 {
                points += Self.coverage * titles / max(OfferFacts.titleWords(attributes), titles)
            }
        }
        if let chordSquared {
            points += UInt32(Self.distance / (1 + chordSquared.squareRoot() / halfChord))
        }
        let days = published < nowSeconds ? Int((nowSeconds - published) / 86_400) : 0
        return points + fresh[min(days, Self.daysMax)]
    }
}
