/// Makes one segment of several that follow each other, without the offers that are gone.
enum SegmentMerge {
    /// The blob of `parts` together; they hold `DocSet.documentsMax` living offers at most.
    static func merge(_ parts: [LivingSegment]) -> [UInt8] {
        var writer = SegmentWriter()
        let firstDoc = parts[0].segment.firstDoc
        // For each part, the new places of its offers; -1 for those that are gone.
        let places = parts.map { part -> [Int32] in
            (0..<part.segment.documentCount).map { local in
                guard part.isLiving(local) else { return -1 }
                let place = Int32(writer.documentCount)
                let offset = part.segment.doc(local) - firstDoc
                writer.add(OfferFacts(part.segment, local), offset: offset)
                return place
            }
        }
        var next = [Int](repeating: 0, count: parts.count)
        while let term = smallestTerm(parts, next) {
            var sets = Sets()
            for (index, part) in parts.enumerated() where next[index] < part.segment.termCount {
                guard part.segment.term(next[index]).elementsEqual(term) else { continue }
                sets.add(part.segment.sets(next[index]), places[index])
                next[index] += 1
            }
            guard !sets.any.isEmpty else { continue }
            writer.add(term: term, any: sets.any, strong: sets.strong, title: sets.title)
        }
        return writer.bytes()
    }

    private struct Sets {
        var any: [UInt16] = []
        var strong: [UInt16] = []
        var title: [UInt16] = []

        mutating func add(_ sets: FieldSets, _ places: [Int32]) {
            Self.add(sets.any, places, to: &any)
            Self.add(sets.strong, places, to: &strong)
            Self.add(sets.title, places, to: &title)
        }

        private static func add(_ set: DocSet, _ places: [Int32], to target: inout [UInt16]) {
            set.forEach { local in
                let place = places[Int(local)]
                if place >= 0 { target.append(UInt16(truncatingIfNeeded: place)) }
            }
        }
    }

    private static func smallestTerm(
        _ parts: [LivingSegment],
        _ next: [Int]
    ) -> UnsafeBufferPointer<UInt8>? {
        var smallest: UnsafeBufferPointer<UInt8>?
        for (index, part) in parts.enumerated() where next[index] < part.segment.termCount {
            let term = part.segment.term(next[index])
            if smallest.map({ term.lexicographicallyPrecedes($0) }) ?? true { smallest = term }
        }
        return smallest
    }
}
