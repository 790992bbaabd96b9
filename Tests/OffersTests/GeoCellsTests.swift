import Testing

@testable import Offers

@Suite struct GeoCellsTests {
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 32) | (state << 32)
        }
    }

    @Test(arguments: [
        (48.8566, 2.3522), (49.25, 4.03), (-20.88, 55.45), (14.6, -61.07), (-22.27, 166.44),
        (41.93, 8.70),
    ])
    func everyPointOfARingIsCovered(latitude: Double, longitude: Double) {
        var generator = Generator(state: 7)
        let centre = Point(latitude: latitude, longitude: longitude)
        for (inner, outer) in [
            (0.0, 1_000.0), (0, 10_000), (5_000, 15_000), (40_000, 100_000), (100_000, 200_000),
        ] {
            let cover = Set(GeoCells.cover(around: centre, from: inner, to: outer))
            var inside = 0
            for _ in 0..<20_000 {
                let reach = outer / 100_000
                let point = Point(
                    latitude: latitude + Double.random(in: -reach...reach, using: &generator),
                    longitude: longitude
                        + Double.random(in: -1.6 * reach...1.6 * reach, using: &generator)
                )
                guard (inner...outer).contains(centre.metres(to: point)) else { continue }
                inside += 1
                #expect(!cover.isDisjoint(with: GeoCells.tokens(of: point)))
            }
            #expect(inside > 1_000)
        }
    }

    @Test func coversAreSmallAndTight() {
        let paris = Point(latitude: 48.8566, longitude: 2.3522)
        for radius in [1_000.0, 10_000, 25_000, 50_000, 200_000] {
            #expect(GeoCells.cover(around: paris, from: 0, to: radius).count <= 200)
        }
        let cover = Set(GeoCells.cover(around: paris, from: 0, to: 10_000))
        let versailles = Point(latitude: 48.80, longitude: 2.13)
        let meaux = Point(latitude: 48.96, longitude: 2.88)
        #expect(cover.isDisjoint(with: GeoCells.tokens(of: meaux)))
        #expect(cover.isDisjoint(with: GeoCells.tokens(of: versailles)))
    }

    @Test func theEdgesOfTheMapDoNotTrap() {
        for latitude in [-90.0, -89, 0, 89, 90] {
            for longitude in [-180.0, 0, 180] {
                let point = Point(latitude: latitude, longitude: longitude)
                #expect(GeoCells.tokens(of: point).count == 3)
                _ = GeoCells.cover(around: point, from: 0, to: 200_000)
            }
        }
    }
}
