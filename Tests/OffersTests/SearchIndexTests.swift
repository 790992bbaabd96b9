import Contracts
import RPC
import Storage
import Testing

@testable import Offers

/// The index by itself: segments, merging, and what the database keeps of it.
@Suite struct SearchIndexTests {
    private func document(_ number: Int) -> OfferDocument {
        let words = (1...9).filter { number.isMultiple(of: $0) }.map { "mot\($0)" }
        let place = OfferPlace(
            point: GeoPoint(latitude: 45 + Double(number % 50) / 10, longitude: 3)
        )
        let summary = OfferSummary(
            id: "\(number)",
            kind: .job,
            title: words.prefix(3).joined(separator: " "),
            place: place,
            contract: number.isMultiple(of: 2) ? .cdi : .cdd,
            publishedMs: Int64(number) * 60_000
        )
        let offer = Offer(
            summary: summary,
            description: words.dropFirst(3).joined(separator: " "),
            rome: "D1106",
            romeLabel: "Métier numéro\(number % 7)"
        )
        return OfferDocument(offer, TextAnalyzer())
    }

    private func segment(_ numbers: Range<Int>) throws -> Segment {
        var builder = SegmentBuilder()
        for number in numbers { builder.add(document(number)) }
        return try #require(Segment(builder.bytes(), firstDoc: UInt32(numbers.lowerBound)))
    }

    private func docs(_ set: DocSet, _ segment: Segment) -> [UInt32] {
        var docs: [UInt32] = []
        set.forEach { docs.append(segment.doc(Int($0))) }
        return docs
    }

    @Test func aSegmentAnswersWhichOffersHoldATerm() throws {
        let segment = try segment(1..<6_000)
        for number in 1...9 {
            let index = try #require(segment.index(of: Array("mot\(number)".utf8)))
            let expected = (1..<6_000).filter { $0.isMultiple(of: number) }.map(UInt32.init)
            #expect(docs(segment.sets(index).any, segment) == expected)
        }
        #expect(segment.index(of: Array("mot".utf8)) == nil)
        #expect(segment.index(of: Array("mot99".utf8)) == nil)
        #expect(segment.indices(prefix: Array("mot".utf8)).count == 9)
        #expect(segment.indices(prefix: Array("zzz".utf8)).isEmpty)
        let strong = try #require(segment.index(of: Array("numero3".utf8)))
        let sets = segment.sets(strong)
        #expect(docs(sets.strong, segment) == (1..<6_000).filter { $0 % 7 == 3 }.map(UInt32.init))
        #expect(sets.title.count == 0)
    }

    @Test func mergingKeepsWhatIsThereAndDropsWhatIsGone() throws {
        var parts = try [1..<500, 500..<501, 501..<5_300].map { LivingSegment(try segment($0)) }
        for index in parts.indices {
            for local in 0..<parts[index].segment.documentCount
            where parts[index].segment.doc(local) % 5 == 0 {
                parts[index].drop(local)
            }
        }
        let merged = try #require(Segment(SegmentMerge.merge(parts), firstDoc: 1))
        let left = (1..<5_300).filter { $0 % 5 != 0 }
        #expect((0..<merged.documentCount).map { merged.doc($0) } == left.map(UInt32.init))
        for number in [1, 2, 7] {
            let index = try #require(merged.index(of: Array("mot\(number)".utf8)))
            let expected = left.filter { $0.isMultiple(of: number) }.map(UInt32.init)
            #expect(docs(merged.sets(index).any, merged) == expected)
        }
        // Nothing but multiples of 5 hold it, and all of them are gone.
        #expect(merged.index(of: Array("mot5".utf8)) == nil)
        for local in stride(from: 0, to: merged.documentCount, by: 97) {
            let facts = document(Int(merged.doc(local))).facts
            #expect(OfferFacts(merged, local) == facts)
        }
    }

    @Test func damagedBytesAreNoSegment() throws {
        var builder = SegmentBuilder()
        for number in 1..<40 { builder.add(document(number)) }
        let bytes = builder.bytes()
        #expect(Segment(bytes, firstDoc: 1) != nil)
        for offset in stride(from: 0, to: bytes.count, by: 7) {
            var damaged = bytes
            damaged[offset] ^= 0x10
            #expect(Segment(damaged, firstDoc: 1) == nil, "byte \(offset)")
        }
        for length in [0, 8, 39, 40, bytes.count - 8] {
            #expect(Segment(Array(bytes.prefix(length)), firstDoc: 1) == nil)
        }
    }

    @Test func smallSegmentsBecomeFewLargeOnes() async throws {
        try await withOffers { scene in
            let lines = (0..<6_000).map { SampleOffers.job("\($0)", "Vendeur \($0 % 10)") }
            _ = try await scene.importOffers(lines.joined(separator: "\n"), from: .franceTravail)
            let count = try await scene.database.read { reader in
                try reader.row("SELECT COUNT(*) AS n FROM search_segment")?.int("n") ?? 0
            }
            #expect(count < 8)
            // All of them once more, changed: nothing is found twice, and what has gone is cleared.
            let changed = (0..<6_000).map { SampleOffers.job("\($0)", "Serveur \($0 % 10)") }
            let text = changed.joined(separator: "\n")
            let response = try await scene.importOffers(text, from: .franceTravail)
            #expect(response.changed == 6_000)
            #expect(try await scene.client.searchOffers(.init(words: "vendeur")).total == 0)
            let found = try await scene.client.searchOffers(.init(words: "serveur 7"))
            #expect(found.total == 600)
            let gone = try await scene.database.read { reader in
                try reader.row("SELECT COUNT(*) AS n FROM search_gone")?.int("n") ?? 0
            }
            #expect(gone < 4_000)
        }
    }

    @Test func anIndexOfAnotherVersionIsMadeAnew() async throws {
        try await withOffers { scene in
            let lines = (0..<700).map { SampleOffers.job("\($0)", "Vendeur") }
            _ = try await scene.importOffers(lines.joined(separator: "\n"), from: .franceTravail)
            _ = try await scene.database.write { transaction in
                try transaction.execute("UPDATE search_segment SET data = ?", [.blob([1, 2, 3])])
            }
            let index = SearchIndex(database: scene.database)
            let store = OfferStore(database: scene.database, index: index)
            #expect(try await index.segments().isEmpty)
            while try await store.indexWaiting() {}
            let living = try await index.segments().reduce(0) { $0 + $1.livingCount }
            #expect(living == 700)
            #expect(try await SearchIndex(database: scene.database).segments().count > 0)
        }
    }
}
