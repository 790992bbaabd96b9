/// Makes a segment of new offers.
struct SegmentBuilder {
    /// Where in an offer a term occurs, as bits.
    private enum Field {
        static let body: UInt64 = 1
        static let trade: UInt64 = 2
        static let title: UInt64 = 4
    }

    private var terms = TermTable()
    /// One entry for each term of each offer: term << 32 | fields << 16 | offer.
    private var entries: [UInt64] = []
    /// For each term, where its entry for the latest offer is.
    private var latest: [Int] = []
    private var facts: [OfferFacts] = []

    /// Adds the next offer, of `DocSet.documentsMax` at most.
    mutating func add(_ document: OfferDocument) {
        let local = UInt64(facts.count)
        facts.append(document.facts)
        add(document.title, Field.title | Field.body, local)
        add(document.trade, Field.trade | Field.body, local)
        add(document.body, Field.body, local)
        add(document.tags, Field.body, local, prefix: OfferTags.mark)
    }

    private mutating func add(
        _ tokens: String,
        _ fields: UInt64,
        _ local: UInt64,
        prefix: UInt8? = nil
    ) {
        var tokens = tokens
        tokens.withUTF8 { bytes in
            var start = 0
            while start < bytes.count {
                var end = start
                while end < bytes.count, bytes[end] != 0x20 { end += 1 }
                if end > start {
                    let token = UnsafeBufferPointer(rebasing: bytes[start..<end])
                    enter(terms.index(of: token, prefix: prefix), fields, local)
                }
                start = end + 1
            }
        }
    }

    private mutating func enter(_ term: Int, _ fields: UInt64, _ local: UInt64) {
        if term == latest.count {
            latest.append(entries.count)
        } else {
            let index = latest[term]
            if entries[index] & 0xFFFF == local {
                entries[index] |= fields << 16
                return
            }
            latest[term] = entries.count
        }
        entries.append(UInt64(term) << 32 | fields << 16 | local)
    }

    /// The finished blob; the offers' numbers follow each other in the order they were added.
    func bytes() -> [UInt8] {
        var writer = SegmentWriter()
        for (index, facts) in facts.enumerated() { writer.add(facts, offset: UInt32(index)) }
        let (starts, sorted) = entriesByTerm()
        for term in terms.sortedIndices() {
            var any: [UInt16] = []
            var strong: [UInt16] = []
            var title: [UInt16] = []
            for entry in sorted[starts[term]..<starts[term + 1]] {
                let local = UInt16(truncatingIfNeeded: entry)
                let fields = UInt64(entry >> 16)
                any.append(local)
                if fields & (Field.title | Field.trade) != 0 { strong.append(local) }
                if fields & Field.title != 0 { title.append(local) }
            }
            writer.add(term: terms.bytes(term), any: any, strong: strong, title: title)
        }
        return writer.bytes()
    }

    /// The entries brought together by term, the offers of each rising, and where each begins.
    private func entriesByTerm() -> (starts: [Int], entries: [UInt32]) {
        var starts = [Int](repeating: 0, count: latest.count + 1)
        for entry in entries { starts[Int(entry >> 32) + 1] += 1 }
        for term in 0..<latest.count { starts[term + 1] += starts[term] }
        var next = starts
        var sorted = [UInt32](repeating: 0, count: entries.count)
        for entry in entries {
            let term = Int(entry >> 32)
            sorted[next[term]] = UInt32(truncatingIfNeeded: entry)
            next[term] += 1
        }
        return (starts, sorted)
    }
}

/// Numbers terms in the order in which they first come.
struct TermTable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = [0]
    /// Open addressing; -1 where nothing is.
    private var slots = [Int32](repeating: -1, count: 1 << 12)

    /// How many terms there are.
    var count: Int { ends.count - 1 }

    /// The number of a term, `prefix` before it; the next one if it is new.
    mutating func index(of token: UnsafeBufferPointer<UInt8>, prefix: UInt8? = nil) -> Int {
        if 2 * count > slots.count { grow() }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        if let prefix { hash = (hash ^ UInt64(prefix)) &* 0x100_0000_01B3 }
        for byte in token { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var slot = Self.slot(hash, slots.count)
        while slots[slot] >= 0 {
            let index = Int(slots[slot])
            if isTerm(index, token, prefix) { return index }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = Int32(count)
        if let prefix { bytes.append(prefix) }
        bytes.append(contentsOf: token)
        ends.append(bytes.count)
        return count - 1
    }

    /// The bytes of a term.
    func bytes(_ index: Int) -> ArraySlice<UInt8> { bytes[ends[index]..<ends[index + 1]] }

    /// The terms in the order of their bytes.
    func sortedIndices() -> [Int] {
        let keyed = (0..<count).map { (key: Segment.key(bytes($0)), index: $0) }
        return keyed.sorted { left, right in
            left.key != right.key
                ? left.key < right.key
                : bytes(left.index).lexicographicallyPrecedes(bytes(right.index))
        }.map(\.index)
    }

    private func isTerm(
        _ index: Int,
        _ token: UnsafeBufferPointer<UInt8>,
        _ prefix: UInt8?
    ) -> Bool {
        var start = ends[index]
        if let prefix {
            guard start < ends[index + 1], bytes[start] == prefix else { return false }
            start += 1
        }
        guard ends[index + 1] - start == token.count else { return false }
        for offset in 0..<token.count where bytes[start + offset] != token[offset] { return false }
        return true
    }

    private static func slot(_ hash: UInt64, _ count: Int) -> Int {
        Int(truncatingIfNeeded: (hash ^ (hash >> 32)) & UInt64(count - 1))
    }

    private mutating func grow() {
        var larger = [Int32](repeating: -1, count: 4 * slots.count)
        for index in 0..<count {
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in bytes(index) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            var slot = Self.slot(hash, larger.count)
            while larger[slot] >= 0 { slot = (slot + 1) & (larger.count - 1) }
            larger[slot] = Int32(index)
        }
        slots = larger
    }
}
