import Contracts
import Foundation

/// What the index holds of an offer beside its words: what filters, counts and orders ask for.
struct OfferFacts: Sendable, Equatable {
    /// Seconds since 1970; 0 if the source does not tell.
    var publishedSeconds: UInt32
    /// Packed: from the lowest, kind (3 bits), contract (4), experience (2), working time (2), and
    /// above them the number of words in the title (5).
    var attributes: UInt32
    var position: Position

    /// Bits of the attributes that filters ask for.
    static let filterBits: UInt32 = 11
    private static let titleWordsMax: UInt32 = 31

    /// The facts of an offer whose title has so many words.
    init(_ summary: OfferSummary, titleWords: Int) {
        publishedSeconds = UInt32(clamping: summary.publishedMs / 1000)
        attributes =
            Self.packed(summary.kind.rawValue, 3)
            | Self.packed(summary.contract.rawValue, 4) << 3
            | Self.packed(summary.experience.rawValue, 2) << 7
            | Self.packed(summary.workingTime.rawValue, 2) << 9
            | min(UInt32(clamping: titleWords), Self.titleWordsMax) << 11
        position = summary.place?.point.map { Position(Point($0)) } ?? .nowhere
    }

    /// The facts that a segment holds of one of its offers.
    init(_ segment: Segment, _ local: Int) {
        publishedSeconds = segment.published[local]
        attributes = segment.attributes[local]
        let coordinates = segment.positions + 3 * local
        position = Position(x: coordinates[0], y: coordinates[1], z: coordinates[2])
    }

    /// The words of the title of an offer with such attributes.
    static func titleWords(_ attributes: UInt32) -> UInt32 { attributes >> 11 & titleWordsMax }

    private static func packed(_ value: Int32, _ bits: UInt32) -> UInt32 {
        let value = UInt32(bitPattern: value)
        // A value that a newer schema may know counts as not told.
        return value < 1 << bits ? value : 0
    }
}

/// A point as a vector from the Earth's middle, whose radius is 1: distances need no trigonometry,
/// and rounding to 32 bits moves a point less than a metre.
struct Position: Sendable, Equatable {
    var x: Float
    var y: Float
    var z: Float

    /// No place: farther from everything than any radius.
    static let nowhere = Position(x: .nan, y: .nan, z: .nan)

    init(x: Float, y: Float, z: Float) {
        self.x = x
        self.y = y
        self.z = z
    }

    init(_ point: Point) {
        let latitude = point.latitude * .pi / 180
        let longitude = point.longitude * .pi / 180
        x = Float(cos(latitude) * cos(longitude))
        y = Float(cos(latitude) * sin(longitude))
        z = Float(sin(latitude))
    }

    static func == (left: Position, right: Position) -> Bool {
        left.x.bitPattern == right.x.bitPattern && left.y.bitPattern == right.y.bitPattern
            && left.z.bitPattern == right.z.bitPattern
    }

    /// The square of the straight way between two points through the Earth.
    static func chordSquared(metres: Double) -> Float {
        let chord = 2 * sin(metres / Point.earthRadiusMetres / 2)
        return Float(chord * chord)
    }

    /// The way along the great circle, in metres, that belongs to the square of a straight way.
    static func metres(chordSquared: Float) -> Double {
        2 * Point.earthRadiusMetres * asin(min(1, Double(chordSquared).squareRoot() / 2))
    }
}
