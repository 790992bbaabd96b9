extension SeededRandom {
    init(seed: UInt64) { self.init(state: seed) }

    /// A number from 0 to `end - 1`.
    mutating func below(_ end: Int) -> Int { Int(next() % UInt64(end)) }

    /// A number in `range`.
    mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.count)
    }

    /// Whether something happens that happens so often in a hundred times.
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}
