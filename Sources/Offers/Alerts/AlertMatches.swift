/// Which searches found which of a pass's offers, gathered offer by offer, given out search by search.
struct AlertMatches {
    /// What one search found.
    struct Found: Sendable, Equatable {
        let slot: AlertIndex.Slot
        let count: Int
        /// Places of the last of them in `offerIDs`, in their order.
        let last: [Int]
    }

    /// The offers of the pass that somebody's search found.
    private(set) var offerIDs: [String] = []
    /// Search in the upper half, offer in the lower: sorting brings those of a search together.
    private var pairs: [UInt64] = []

    var isEmpty: Bool { pairs.isEmpty }
    var isFull: Bool { pairs.count >= AlertLimits.matchesPerPassMax }
    /// How many pairs of search and offer there are.
    var count: Int { pairs.count }

    /// Notes which searches found an offer.
    mutating func add(_ offerID: String, to slots: [AlertIndex.Slot]) {
        guard !slots.isEmpty else { return }
        let offer = UInt64(offerIDs.count)
        offerIDs.append(offerID)
        for slot in slots { pairs.append(UInt64(slot) << 32 | offer) }
    }

    /// What each search found, searches in rising order.
    consuming func bySearch() -> [Found] {
        pairs.sort()
        var found: [Found] = []
        var start = 0
        while start < pairs.count {
            let slot = pairs[start] >> 32
            var end = start + 1
            while end < pairs.count, pairs[end] >> 32 == slot { end += 1 }
            let last = pairs[max(start, end - AlertLimits.foundKept)..<end]
            found.append(
                Found(
                    slot: AlertIndex.Slot(slot),
                    count: end - start,
                    last: last.map { Int($0 & 0xFFFF_FFFF) }
                )
            )
            start = end
        }
        return found
    }
}
