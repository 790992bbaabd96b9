/// Some documents of one segment, in rising order: a list of numbers, or, from
/// `bitmapCountMin` on, one bit for each document that a segment may hold.
///
/// A view of memory that somebody else keeps: a segment, or a search's `Scratch`.
struct DocSet {
    /// Documents of a segment: as many as 16 bits tell apart.
    static let documentsMax = 65_536
    /// From here on a bitmap is the smaller form.
    static let bitmapCountMin = 4_096
    static let bitmapBytes = documentsMax / 8
    static let bitmapWords = documentsMax / 64

    private let base: UnsafeRawPointer
    /// How many there are; for the union of sets, how many at most.
    let count: Int
    let isBitmap: Bool

    /// The set of `count` documents as a segment stores it at `base`.
    init(stored base: UnsafeRawPointer, count: Int) {
        self.base = base
        self.count = count
        isBitmap = count >= Self.bitmapCountMin
    }

    /// The documents whose bits are set in `words`.
    init(bitmap words: UnsafePointer<UInt64>, countMax: Int) {
        base = UnsafeRawPointer(words)
        count = countMax
        isBitmap = true
    }

    /// Bytes that a set of `count` documents takes in a segment.
    static func storedBytes(_ count: Int) -> Int {
        count >= bitmapCountMin ? bitmapBytes : 2 * count
    }

    private var list: UnsafePointer<UInt16> { base.assumingMemoryBound(to: UInt16.self) }
    private var words: UnsafePointer<UInt64> { base.assumingMemoryBound(to: UInt64.self) }

    /// Runs `body` on each document in rising order.
    @inline(__always)
    func forEach(_ body: (UInt16) -> Void) {
        guard isBitmap else {
            for index in 0..<count { body(list[index]) }
            return
        }
        for index in 0..<Self.bitmapWords {
            var word = words[index]
            while word != 0 {
                body(UInt16(truncatingIfNeeded: index * 64 + word.trailingZeroBitCount))
                word &= word &- 1
            }
        }
    }

    /// Sets the bits of the documents in `target`.
    func unite(into target: UnsafeMutablePointer<UInt64>) {
        if isBitmap {
            for index in 0..<Self.bitmapWords { target[index] |= words[index] }
        } else {
            for index in 0..<count {
                let document = list[index]
                target[Int(document >> 6)] |= 1 << UInt64(document & 63)
            }
        }
    }

    /// Whether a document is in the set.
    func holds(_ document: UInt16) -> Bool {
        var isHeld = false
        withUnsafePointer(to: document) { pointer in
            forEachMember(of: UnsafeBufferPointer(start: pointer, count: 1)) { _ in isHeld = true }
        }
        return isHeld
    }

    /// Runs `body` on the index of each of `candidates`, which rise, that is in the set.
    @inline(__always)
    func forEachMember(of candidates: UnsafeBufferPointer<UInt16>, _ body: (Int) -> Void) {
        if isBitmap {
            for index in 0..<candidates.count {
                let document = candidates[index]
                if words[Int(document >> 6)] >> UInt64(document & 63) & 1 == 1 { body(index) }
            }
        } else if count > 16 * candidates.count {
            searchEach(of: candidates, body)
        } else {
            stepThrough(candidates, body)
        }
    }

    /// Few candidates, a long list: looks each one up in what is left of the list.
    @inline(__always)
    private func searchEach(of candidates: UnsafeBufferPointer<UInt16>, _ body: (Int) -> Void) {
        var start = 0
        for index in 0..<candidates.count {
            let document = candidates[index]
            var low = start
            var high = count
            while low < high {
                let middle = (low + high) >> 1
                if list[middle] < document { low = middle + 1 } else { high = middle }
            }
            if low == count { return }
            if list[low] == document { body(index) }
            start = low
        }
    }

    @inline(__always)
    private func stepThrough(_ candidates: UnsafeBufferPointer<UInt16>, _ body: (Int) -> Void) {
        var position = 0
        for index in 0..<candidates.count {
            let document = candidates[index]
            while position < count, list[position] < document { position += 1 }
            if position == count { return }
            if list[position] == document { body(index) }
        }
    }
}

/// Where in offers a term occurs: each set holds the next.
struct FieldSets {
    /// Title, trade or text.
    let any: DocSet
    /// Title or trade.
    let strong: DocSet
    let title: DocSet
}
