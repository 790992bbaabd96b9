/// Writes a segment: offers first, then terms in the order of their bytes.
struct SegmentWriter {
    private var docOffsets: [UInt32] = []
    private var published: [UInt32] = []
    private var attributes: [UInt32] = []
    private var positions: [Float] = []
    private var keys: [UInt64] = []
    private var termEnds: [UInt32] = [0]
    private var records: [Segment.Record] = []
    private var termBytes: [UInt8] = []
    private var postings: [UInt8] = []

    /// How many offers were added.
    var documentCount: Int { docOffsets.count }

    /// Adds the next offer; `offset` is its number counted from the segment's first, and rises.
    mutating func add(_ facts: OfferFacts, offset: UInt32) {
        docOffsets.append(offset)
        published.append(facts.publishedSeconds)
        attributes.append(facts.attributes)
        positions.append(contentsOf: [facts.position.x, facts.position.y, facts.position.z])
    }

    /// Adds the next term with the offers that hold it, each set rising and within the one before.
    mutating func add(
        term: some Collection<UInt8>,
        any: [UInt16],
        strong: [UInt16],
        title: [UInt16]
    ) {
        keys.append(Segment.key(term))
        termBytes.append(contentsOf: term)
        termEnds.append(UInt32(termBytes.count))
        // Bitmaps are read by words of 8 bytes.
        if any.count >= DocSet.bitmapCountMin {
            postings.append(contentsOf: repeatElement(0, count: -postings.count & 7))
        }
        records.append(
            Segment.Record(
                offset: UInt32(postings.count),
                anyCount: UInt32(any.count),
                strongCount: UInt32(strong.count),
                titleCount: UInt32(title.count)
            )
        )
        for set in [any, strong, title] { append(set) }
    }

    private mutating func append(_ set: [UInt16]) {
        guard set.count >= DocSet.bitmapCountMin else {
            set.withUnsafeBytes { postings.append(contentsOf: $0) }
            return
        }
        let start = postings.count
        postings.append(contentsOf: repeatElement(0, count: DocSet.bitmapBytes))
        postings.withUnsafeMutableBufferPointer { bytes in
            for document in set {
                bytes[start + Int(document >> 3)] |= 1 << (document & 7)
            }
        }
    }

    /// The finished blob.
    func bytes() -> [UInt8] {
        let layout = SegmentLayout(
            documentCount: docOffsets.count,
            termCount: keys.count,
            termBytes: termBytes.count,
            postingBytes: postings.count
        )
        var bytes: [UInt8] = []
        bytes.reserveCapacity(layout.byteCount)
        bytes.append(contentsOf: repeatElement(0, count: SegmentLayout.headerBytes))
        func append<T>(_ section: [T]) {
            section.withUnsafeBytes { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: repeatElement(0, count: -bytes.count & 7))
        }
        append(docOffsets)
        append(published)
        append(attributes)
        append(positions)
        append(keys)
        append(termEnds)
        append(records)
        append(termBytes)
        append(postings)
        layout.writeHeader(
            termBytes: termBytes.count,
            postingBytes: postings.count,
            into: &bytes
        )
        return bytes
    }
}
