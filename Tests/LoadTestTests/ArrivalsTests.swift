import Testing

@testable import LoadTest

@Suite struct ArrivalsTests {
    private func arrivals(
        _ pattern: Arrivals.Pattern,
        _ stages: (rate: Double, seconds: Int)...,
        seed: UInt64 = 1
    ) -> Arrivals {
        Arrivals(
            stages: stages.map { Arrivals.Stage(rate: $0.rate, duration: .seconds($0.seconds)) },
            pattern: pattern,
            seed: seed
        )
    }

    @Test func constantArrivalsKeepTheirDistanceWithoutDrift() {
        let instants = Array(arrivals(.constant, (rate: 3, seconds: 3_600)))
        #expect(instants.count == 10_800)
        #expect(instants[0] == .zero)
        #expect(instants[3] == .seconds(1))
        #expect(instants[10_797] == .seconds(3_599))
    }

    @Test func poissonArrivalsHaveTheRateAndTheSpreadOfIndependentPeople() {
        let instants = Array(arrivals(.poisson, (rate: 1_000, seconds: 100)))
        // 100,000 expected; four standard deviations of a Poisson count are 1,265.
        #expect((98_735...101_265).contains(instants.count))
        let gaps = zip(instants, instants.dropFirst()).map { ($1 - $0).inSeconds }
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
        // An exponential distribution's deviation is its mean; constant gaps would have none.
        #expect(abs(variance.squareRoot() / mean - 1) < 0.03)
        #expect(gaps.allSatisfy { $0 >= 0 })
    }

    @Test func theSameSeedGivesTheSameInstants() {
        let first = Array(arrivals(.poisson, (rate: 50, seconds: 10), seed: 4))
        #expect(first == Array(arrivals(.poisson, (rate: 50, seconds: 10), seed: 4)))
        #expect(first != Array(arrivals(.poisson, (rate: 50, seconds: 10), seed: 5)))
    }

    @Test(arguments: Arrivals.Pattern.allCases)
    func stagesFollowEachOtherAndAPauseIsSilent(pattern: Arrivals.Pattern) {
        let instants = Array(
            arrivals(
                pattern,
                (rate: 100, seconds: 10),
                (rate: 0, seconds: 5),
                (rate: 10, seconds: 10)
            )
        )
        #expect(!instants.contains { $0 >= .seconds(10) && $0 < .seconds(15) })
        let early = instants.count { $0 < .seconds(10) }
        #expect((850...1_150).contains(early))
        #expect((60...140).contains(instants.count - early))
        #expect(instants.allSatisfy { $0 < .seconds(25) })
        #expect(instants == instants.sorted())
    }
}
