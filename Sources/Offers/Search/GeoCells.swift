import Foundation

/// Cells of the map, named by tokens, so that a search around a place is part of the index walk.
///
/// Three grids of degrees lie over each other: 1°, 1/4° and 1/16° (111, 28 and 7 km from north to
/// south). An offer bears the token of its cell in each. A ring around a point is covered with few
/// tokens: large cells inside, small ones along its edges. The cover is a little too large; exact
/// distances decide.
enum GeoCells {
    /// Cells of the finest grid are worth their number of tokens up to this radius.
    private static let finestRadiusMetres = 25_000.0
    /// Cells per degree, coarse to fine, with the letter of their tokens.
    private static let grids: [(letter: String, perDegree: Double)] = [
        ("x", 1), ("y", 4), ("z", 16),
    ]
    private static let metresPerDegree = 111_195.0

    private struct Cell {
        let grid: Int
        let row: Int
        let column: Int

        var token: String { "\(GeoCells.grids[grid].letter)\(row * 10_000 + column)" }
    }

    /// The tokens of the cells that hold `point`, coarse to fine.
    static func tokens(of point: Point) -> [String] {
        grids.indices.map { cell(point, grid: $0).token }
    }

    /// Tokens whose cells cover what is between two distances of `centre`.
    static func cover(around centre: Point, from inner: Double, to outer: Double) -> [String] {
        let finest = outer <= finestRadiusMetres ? grids.count - 1 : grids.count - 2
        let latitudes = outer / metresPerDegree
        // Near the poles a circle of longitude is short; France is not near them.
        let longitudes = latitudes / max(0.1, cosine(ofDegrees: abs(centre.latitude) + latitudes))
        let low = cell(
            Point(latitude: centre.latitude - latitudes, longitude: centre.longitude - longitudes),
            grid: 0
        )
        let high = cell(
            Point(latitude: centre.latitude + latitudes, longitude: centre.longitude + longitudes),
            grid: 0
        )
        var tokens: [String] = []
        for row in low.row...high.row {
            for column in low.column...high.column {
                let cell = Cell(grid: 0, row: row, column: column)
                collect(cell, centre, inner, outer, finest, into: &tokens)
            }
        }
        return tokens
    }

    private static func collect(
        _ cell: Cell,
        _ centre: Point,
        _ inner: Double,
        _ outer: Double,
        _ finest: Int,
        into tokens: inout [String]
    ) {
        let distances = distances(cell, centre)
        guard distances.lowerBound <= outer, distances.upperBound >= inner else { return }
        let isInside = distances.lowerBound >= inner && distances.upperBound <= outer
        if isInside || cell.grid == finest {
            tokens.append(cell.token)
            return
        }
        for row in 0..<4 {
            for column in 0..<4 {
                let part = Cell(
                    grid: cell.grid + 1,
                    row: cell.row * 4 + row,
                    column: cell.column * 4 + column
                )
                collect(part, centre, inner, outer, finest, into: &tokens)
            }
        }
    }

    /// The least and greatest distance of a cell's points, with a margin for the Earth's shape.
    private static func distances(_ cell: Cell, _ centre: Point) -> ClosedRange<Double> {
        let size = 1 / grids[cell.grid].perDegree
        let south = Double(cell.row) * size - 90
        let west = Double(cell.column) * size - 180
        let nearest = Point(
            latitude: min(max(centre.latitude, south), south + size),
            longitude: min(max(centre.longitude, west), west + size)
        )
        var farthest = 0.0
        for latitude in [south, south + size] {
            for longitude in [west, west + size] {
                let corner = Point(latitude: latitude, longitude: longitude)
                farthest = max(farthest, centre.metres(to: corner))
            }
        }
        let least = centre.metres(to: nearest)
        return max(0, least * 0.98 - 50)...max(least, farthest * 1.01 + 50)
    }

    private static func cell(_ point: Point, grid: Int) -> Cell {
        let perDegree = grids[grid].perDegree
        let row = min(max(point.latitude + 90, 0), 179.999)
        let column = min(max(point.longitude + 180, 0), 359.999)
        return Cell(grid: grid, row: Int(row * perDegree), column: Int(column * perDegree))
    }

    private static func cosine(ofDegrees degrees: Double) -> Double {
        cos(min(degrees, 90) * .pi / 180)
    }
}
