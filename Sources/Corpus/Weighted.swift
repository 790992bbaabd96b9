import ClientKit

/// Choices of which some are drawn more often than others.
///
/// Works with whole numbers alone, so that the same draws come on every machine.
struct Weighted: Sendable {
    /// The sum of the weights up to each choice, rising.
    private let sums: [Int]

    /// Choices numbered from 0, with a weight of at least 0 each, not all 0.
    init(_ weights: some Sequence<Int>) {
        var sum = 0
        sums = weights.map { weight in
            sum += max(0, weight)
            return sum
        }
        precondition(sum > 0, "a draw needs something to draw from")
    }

    /// As words of a language are: the second half as often as the first, the third a third.
    static func zipf(_ count: Int) -> Weighted {
        Weighted((1...count).map { 10_000_000 / $0 })
    }

    /// The number of a choice.
    func draw(_ random: inout SeededGenerator) -> Int {
        let target = random.below(sums[sums.count - 1])
        var low = 0
        var high = sums.count - 1
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] > target { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension SeededGenerator {
    /// True in `share` of 10,000 draws.
    mutating func chance(_ share: Int) -> Bool {
        below(10_000) < share
    }
}
