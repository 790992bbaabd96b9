/// Which segments to make one of.
///
/// An import adds small segments; each search looks into all of them. So eight of a size become
/// one, which is done thrice until it is as large as a segment may be: an offer is rewritten three
/// times, and a million offers lie in some twenty large segments and a few small ones.
enum MergePolicy {
    private static let partsMin = 8
    /// Offers of segments that count as of one size, and below which the next size begins.
    private static let sizes = [1_024, 8_192, fullCount - 1]
    /// From here on a segment is left alone while its offers stay.
    private static let fullCount = 49_152
    /// Together so large, fewer than `partsMin` are worth it.
    private static let worthCount = 58_000
    /// Smaller segments are not worth being rewritten for the sake of what has gone from them.
    private static let rewrittenCountMin = 1_024

    /// The next segments to make one of; `nil` if all is well.
    static func parts(_ segments: [LivingSegment]) -> Range<Int>? {
        for size in sizes {
            let start = (segments.lastIndex { $0.livingCount > size } ?? -1) + 1
            let run = segments[start...]
            let total = run.reduce(0) { $0 + $1.livingCount }
            guard run.count >= partsMin || total >= worthCount else { continue }
            let parts = fitting(segments, from: start)
            if parts.count > 1 { return parts }
        }
        return thinned(segments)
    }

    /// As many segments from `start` on as fit into one.
    private static func fitting(_ segments: [LivingSegment], from start: Int) -> Range<Int> {
        var total = 0
        var end = start
        while end < segments.count, total + segments[end].livingCount <= DocSet.documentsMax {
            total += segments[end].livingCount
            end += 1
        }
        return start..<end
    }

    /// Segments from which so many offers have gone that they are worth rewriting.
    private static func thinned(_ segments: [LivingSegment]) -> Range<Int>? {
        for (index, segment) in segments.enumerated()
        where segment.segment.documentCount >= rewrittenCountMin
            && 2 * segment.livingCount < segment.segment.documentCount
        {
            return index..<(index + 1)
        }
        return nil
    }
}
