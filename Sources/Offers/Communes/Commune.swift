import Foundation
import Contracts

/// A commune under one of its postal codes.
struct Commune: Sendable, Equatable {
    /// INSEE code: "51454", "2A004".
    var insee: String
    /// With its article: "Le Mans".
    var name: String
    var postalCode: String
    /// "51", "2A", "974".
    var department: String
    var point: Point
    var population: Int
}

/// A place on the map, in degrees, WGS 84.
struct Point: Sendable, Equatable {
    var latitude: Double
    var longitude: Double

    static let earthRadiusMetres = 6_371_008.8

    /// The way along the great circle, in metres.
    func metres(to other: Point) -> Double {
        let latitudeA = latitude * .pi / 180
        let latitudeB = other.latitude * .pi / 180
        let halfLatitude = sin((latitudeB - latitudeA) / 2)
        let halfLongitude = sin((other.longitude - longitude) * .pi / 360)
        let chord =
            halfLatitude * halfLatitude
            + cos(latitudeA) * cos(latitudeB) * halfLongitude * halfLongitude
        return 2 * Self.earthRadiusMetres * asin(min(1, chord.squareRoot()))
    }
}

extension Place {
    init(_ commune: Commune) {
        self.init(
            insee: commune.insee,
            name: commune.name,
            postalCode: commune.postalCode,
            department: commune.department,
            point: GeoPoint(commune.point),
            population: UInt32(clamping: commune.population)
        )
    }
}

extension GeoPoint {
    init(_ point: Point) {
        self.init(latitude: point.latitude, longitude: point.longitude)
    }
}
