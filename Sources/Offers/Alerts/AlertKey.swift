import Contracts

/// Something that an offer has and a search may ask for.
enum AlertKey: Hashable, Sendable {
    /// An analysed word of title or text.
    case word(String)
    /// As `OfferTags` writes it.
    case rome(String)
    case kind(Int32)
    case contract(Int32)
    case experience(Int32)
    case workingTime(Int32)
    /// A cell of the map.
    case cell(AlertCell)
    /// What every offer has.
    case anything
}

extension AlertKey {
    /// What an offer has that a term of a search's plan stands for.
    init(_ term: SearchPlan.Term) {
        switch term {
        // Plans for offers to come hold whole words alone.
        case .word(let bytes), .beginning(let bytes):
            self = .word(String(decoding: bytes, as: UTF8.self))
        case .trade(let bytes):
            self = .rome(String(decoding: bytes.dropFirst(), as: UTF8.self))
        }
    }

    /// A trade by its code.
    init(rome code: String) {
        self = .rome(OfferTags.rome(code))
    }
}

/// A square of the map in one of three grids of degrees.
struct AlertCell: Hashable, Sendable {
    let grid: Int8
    let row: Int16
    let column: Int16

    /// Sides of the squares in degrees, with the largest radius that a grid is used for: a circle is
    /// covered with some ten to forty squares.
    private static let grids: [(side: Double, radiusMetres: Double)] = [
        (1.0 / 8, 20_000), (1.0 / 2, 80_000), (2, .infinity),
    ]
    private static let metresPerDegree = 111_195.0

    /// The squares that hold a point, one of each grid.
    static func cells(of point: Point) -> [AlertCell] {
        grids.indices.map { cell(point.latitude, point.longitude, grid: $0) }
    }

    /// Squares of one grid that together hold every point within `radius` metres of `centre`.
    ///
    /// Exact distances decide later. Circles over the 180th meridian are cut off there, where no
    /// commune of France is near.
    static func cover(around centre: Point, radius: Double) -> [AlertCell] {
        let grid = grids.firstIndex { radius <= $0.radiusMetres } ?? grids.count - 1
        // A margin of a hundredth is more than all roundings.
        let latitudes = radius * 1.01 / metresPerDegree + 0.001
        let widest = min(abs(centre.latitude) + latitudes, 89)
        let longitudes = latitudes / Point.cosine(ofDegrees: widest)
        let low = cell(centre.latitude - latitudes, centre.longitude - longitudes, grid: grid)
        let high = cell(centre.latitude + latitudes, centre.longitude + longitudes, grid: grid)
        var cells: [AlertCell] = []
        for row in low.row...high.row {
            for column in low.column...high.column {
                cells.append(AlertCell(grid: low.grid, row: row, column: column))
            }
        }
        return cells
    }

    private static func cell(_ latitude: Double, _ longitude: Double, grid: Int) -> AlertCell {
        let side = grids[grid].side
        return AlertCell(
            grid: Int8(grid),
            row: Int16((min(max(latitude, -90), 90) / side).rounded(.down)),
            column: Int16((min(max(longitude, -180), 180) / side).rounded(.down))
        )
    }
}
