/// A part of the search index that never changes: up to 65,536 offers, their attributes in columns,
/// and for each term the offers that hold it.
///
/// One block of memory, the same as the blob in the database. Sections, each at a multiple of 8
/// bytes: header; per offer its number (from the segment's first), its time of publication, its
/// packed attributes, its position; per term the first 8 bytes, the end of its text, its record;
/// the terms' texts; the sets of offers. Terms are sorted by their bytes.
///
/// Safety: the memory is written before the initialiser ends and only read from then on.
final class Segment: @unchecked Sendable {
    /// Changes whenever the layout or the analysis of texts does: other blobs are made anew.
    static let version: UInt64 = 0x5045_5345_4700_0001

    /// What a term's record tells: where its sets begin, and how large they are.
    struct Record {
        var offset: UInt32
        var anyCount: UInt32
        var strongCount: UInt32
        var titleCount: UInt32
    }

    /// The first of the numbers that offers of this segment have.
    let firstDoc: UInt32
    let documentCount: Int
    let termCount: Int
    let byteCount: Int

    let published: UnsafePointer<UInt32>
    let attributes: UnsafePointer<UInt32>
    /// Three coordinates for each offer; NaN without a place.
    let positions: UnsafePointer<Float>

    private let memory: UnsafeMutableRawPointer
    private let docOffsets: UnsafePointer<UInt32>
    private let keys: UnsafePointer<UInt64>
    private let termEnds: UnsafePointer<UInt32>
    private let records: UnsafePointer<Record>
    private let termBytes: UnsafePointer<UInt8>
    private let postings: UnsafeRawPointer

    /// Takes a blob over; `nil` if it is damaged or of another version.
    init?(_ bytes: [UInt8], firstDoc: UInt32) {
        guard let layout = SegmentLayout(bytes) else { return nil }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 8)
        bytes.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(start: memory, count: bytes.count)
                .copyMemory(from: source)
        }
        func section<T>(_ index: Int, _ type: T.Type) -> UnsafePointer<T> {
            UnsafePointer((memory + layout.offsets[index]).assumingMemoryBound(to: type))
        }
        self.memory = memory
        self.firstDoc = firstDoc
        documentCount = layout.documentCount
        termCount = layout.termCount
        byteCount = bytes.count
        docOffsets = section(0, UInt32.self)
        published = section(1, UInt32.self)
        attributes = section(2, UInt32.self)
        positions = section(3, Float.self)
        keys = section(4, UInt64.self)
        termEnds = section(5, UInt32.self)
        records = section(6, Record.self)
        termBytes = section(7, UInt8.self)
        postings = UnsafeRawPointer(memory + layout.offsets[8])
    }

    deinit {
        memory.deallocate()
    }

    /// The number of the offer at `local`.
    func doc(_ local: Int) -> UInt32 { firstDoc &+ docOffsets[local] }

    /// The last number that an offer of this segment has.
    var lastDoc: UInt32 { documentCount == 0 ? firstDoc : doc(documentCount - 1) }

    /// Where the offer of a number is, if it is here.
    func local(of doc: UInt32) -> Int? {
        guard doc >= firstDoc else { return nil }
        let offset = doc - firstDoc
        var low = 0
        var high = documentCount
        while low < high {
            let middle = (low + high) / 2
            if docOffsets[middle] < offset { low = middle + 1 } else { high = middle }
        }
        return low < documentCount && docOffsets[low] == offset ? low : nil
    }

    /// The bytes of a term.
    func term(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        let start = Int(termEnds[index])
        let end = Int(termEnds[index + 1])
        return UnsafeBufferPointer(start: termBytes + start, count: end - start)
    }

    /// How many offers hold a term anywhere, and how many in title or trade.
    func counts(_ index: Int) -> (any: Int, strong: Int) {
        (Int(records[index].anyCount), Int(records[index].strongCount))
    }

    /// The offers that hold a term.
    func sets(_ index: Int) -> FieldSets {
        let record = records[index]
        let any = DocSet(stored: postings + Int(record.offset), count: Int(record.anyCount))
        var offset = Int(record.offset) + DocSet.storedBytes(any.count)
        let strong = DocSet(stored: postings + offset, count: Int(record.strongCount))
        offset += DocSet.storedBytes(strong.count)
        let title = DocSet(stored: postings + offset, count: Int(record.titleCount))
        return FieldSets(any: any, strong: strong, title: title)
    }

    /// Where a term is, if any offer here holds it.
    func index(of term: [UInt8]) -> Int? {
        let index = lowerBound(term)
        guard index < termCount, self.term(index).elementsEqual(term) else { return nil }
        return index
    }

    /// The terms that begin with `prefix`.
    func indices(prefix: [UInt8]) -> Range<Int> {
        let start = lowerBound(prefix)
        var end = start
        while end < termCount, term(end).starts(with: prefix) { end += 1 }
        return start..<end
    }

    /// The first term that is not before `term`.
    private func lowerBound(_ term: [UInt8]) -> Int {
        let key = Self.key(term)
        var low = 0
        var high = termCount
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        // Terms that share their first 8 bytes are few.
        while low < termCount, keys[low] == key, self.term(low).lexicographicallyPrecedes(term) {
            low += 1
        }
        return low
    }

    /// The first 8 bytes of a term, the first one highest.
    static func key(_ term: some Sequence<UInt8>) -> UInt64 {
        var key: UInt64 = 0
        var shift: UInt64 = 64
        for byte in term {
            shift -= 8
            key |= UInt64(byte) << shift
            if shift == 0 { break }
        }
        return key
    }
}

/// Where the sections of a segment begin.
struct SegmentLayout {
    static let headerBytes = 40

    let documentCount: Int
    let termCount: Int
    /// The begins of the nine sections behind the header.
    let offsets: [Int]
    let byteCount: Int

    init(documentCount: Int, termCount: Int, termBytes: Int, postingBytes: Int) {
        self.documentCount = documentCount
        self.termCount = termCount
        let lengths = [
            4 * documentCount, 4 * documentCount, 4 * documentCount, 12 * documentCount,
            8 * termCount, 4 * (termCount + 1), 16 * termCount, termBytes, postingBytes,
        ]
        var offsets: [Int] = []
        var offset = Self.headerBytes
        for length in lengths {
            offsets.append(offset)
            offset += (length + 7) & ~7
        }
        self.offsets = offsets
        byteCount = offset
    }

    /// The layout that a blob's header tells; `nil` if the blob is not what it was when written.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.headerBytes, bytes.count % 8 == 0 else { return nil }
        let header = bytes.withUnsafeBytes { raw in
            (0..<5).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) }
        }
        guard header[0] == Segment.version, header[1] == Self.checksum(bytes),
            header[2] >> 32 <= UInt64(DocSet.documentsMax),
            let termBytes = Int(exactly: header[3]), let postingBytes = Int(exactly: header[4]),
            termBytes <= bytes.count, postingBytes <= bytes.count
        else { return nil }
        self.init(
            documentCount: Int(header[2] >> 32),
            termCount: Int(header[2] & 0xFFFF_FFFF),
            termBytes: termBytes,
            postingBytes: postingBytes
        )
        guard byteCount == bytes.count else { return nil }
    }

    /// The header of a finished segment, put before its sections.
    func writeHeader(termBytes: Int, postingBytes: Int, into bytes: inout [UInt8]) {
        let counts = UInt64(documentCount) << 32 | UInt64(termCount)
        let fields = [Segment.version, 0, counts, UInt64(termBytes), UInt64(postingBytes)]
        bytes.withUnsafeMutableBytes { raw in
            for (index, field) in fields.enumerated() {
                raw.storeBytes(of: field, toByteOffset: 8 * index, as: UInt64.self)
            }
        }
        let checksum = Self.checksum(bytes)
        bytes.withUnsafeMutableBytes { raw in
            raw.storeBytes(of: checksum, toByteOffset: 8, as: UInt64.self)
        }
    }

    /// Tells damage, 8 bytes at a time: FNV-1a's step on words, and a shift that lets high bits
    /// reach low ones.
    private static func checksum(_ bytes: [UInt8]) -> UInt64 {
        bytes.withUnsafeBytes { raw in
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for offset in stride(from: 16, to: raw.count - 7, by: 8) {
                let word = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                hash = (hash ^ word) &* 0x100_0000_01B3
                hash ^= hash >> 29
            }
            return hash
        }
    }
}
