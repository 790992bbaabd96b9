/// What a search has found so far: how many, and the best.
struct SearchTally {
    /// An offer that was found.
    struct Hit: Equatable, Sendable {
        /// Its place in the order: higher first.
        let key: UInt64
        /// Among equals, the one that came later first.
        let doc: UInt32
        /// The square of the straight way from the searched place; NaN without one.
        let distance: Float

        func isBefore(key otherKey: UInt64, doc otherDoc: UInt32) -> Bool {
            key != otherKey ? key > otherKey : doc > otherDoc
        }
    }

    var total = 0
    /// The best, in order.
    private(set) var hits: [Hit] = []
    /// Offers below this are not among the best.
    private(set) var keyMin: UInt64 = 0

    private let limit: Int
    /// The last offer of the page before.
    private let after: (key: UInt64, doc: UInt32)?

    init(limit: Int, after: (key: UInt64, doc: UInt32)?) {
        self.limit = limit
        self.after = after
        hits.reserveCapacity(limit + 1)
    }

    /// Takes an offer in if it is among the best behind the page before.
    mutating func offer(_ hit: Hit) {
        if let after {
            let isBehind =
                hit.key != after.key ? hit.key < after.key : hit.doc < after.doc
            guard isBehind else { return }
        }
        var index = hits.count
        while index > 0, hit.isBefore(key: hits[index - 1].key, doc: hits[index - 1].doc) {
            index -= 1
        }
        guard index < limit else { return }
        hits.insert(hit, at: index)
        if hits.count > limit { hits.removeLast() }
        if hits.count == limit { keyMin = hits[limit - 1].key }
    }
}
