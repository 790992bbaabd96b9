import Synchronization

/// Working memory of one search, used again by the next.
///
/// Safety: belongs to one search at a time, which the pool sees to.
final class Scratch: @unchecked Sendable {
    /// Ways in which attributes and age of an offer can differ for filters and counts.
    static let binCount = 1 << 14

    let candidates = UnsafeMutablePointer<UInt16>.allocate(capacity: DocSet.documentsMax)
    let scores = UnsafeMutablePointer<UInt32>.allocate(capacity: DocSet.documentsMax)
    let distances = UnsafeMutablePointer<Float>.allocate(capacity: DocSet.documentsMax)
    let bins = UnsafeMutablePointer<UInt32>.allocate(capacity: binCount)

    private var bitmaps: [UnsafeMutablePointer<UInt64>] = []
    private var bitmapsUsed = 0

    init() {
        bins.initialize(repeating: 0, count: Self.binCount)
    }

    deinit {
        candidates.deallocate()
        scores.deallocate()
        distances.deallocate()
        bins.deallocate()
        for bitmap in bitmaps { bitmap.deallocate() }
    }

    /// Forgets the counts of the last search.
    func clearBins() {
        bins.update(repeating: 0, count: Self.binCount)
    }

    /// The combinations that offers were found with.
    var filledBins: [SearchBin] {
        var filled: [SearchBin] = []
        for index in 0..<Self.binCount where bins[index] > 0 {
            filled.append(SearchBin(index: index, count: bins[index]))
        }
        return filled
    }

    /// Gives all bitmaps back.
    func releaseBitmaps() {
        bitmapsUsed = 0
    }

    /// A bitmap without a bit set.
    func bitmap() -> UnsafeMutablePointer<UInt64> {
        if bitmapsUsed == bitmaps.count {
            bitmaps.append(.allocate(capacity: DocSet.bitmapWords))
        }
        let bitmap = bitmaps[bitmapsUsed]
        bitmapsUsed += 1
        bitmap.update(repeating: 0, count: DocSet.bitmapWords)
        return bitmap
    }
}

/// Working memory that waits for the next search.
final class ScratchPool: Sendable {
    /// More searches at once take memory of their own.
    private static let keptMax = 8
    private let waiting = Mutex<[Scratch]>([])

    /// Runs `body` with working memory that nobody else uses.
    func use<Result>(_ body: (Scratch) throws -> Result) rethrows -> Result {
        let scratch = waiting.withLock { $0.popLast() } ?? Scratch()
        defer {
            waiting.withLock { if $0.count < Self.keptMax { $0.append(scratch) } }
        }
        return try body(scratch)
    }
}
