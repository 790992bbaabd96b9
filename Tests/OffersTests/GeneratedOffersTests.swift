import Contracts
import Corpus
import Foundation
import RPC
import Storage
import Testing

@testable import Offers

/// What `pe generate offers` makes is what importers and searches meet in life.
@Suite struct GeneratedOffersTests {
    private static func corpus(_ count: Int, seed: UInt64 = 7) throws -> OfferCorpus {
        try OfferCorpus(seed: seed, count: count, untilMs: OffersScene.monday.milliseconds)
    }

    private static func bytes(_ corpus: OfferCorpus, _ source: CorpusSource) -> [UInt8] {
        corpus.file(of: source, pieceBytes: 10_000).flatMap(\.self)
    }

    /// The offers of a source, read as the import reads them.
    private static func offers(_ corpus: OfferCorpus, _ source: CorpusSource) -> [Offer] {
        let context = ImportContext(
            communes: CommuneTable(BuiltInCommunes.all),
            now: OffersScene.monday
        )
        return bytes(corpus, source).split(separator: 0x0A).compactMap { line in
            guard let value = try? JSONParser.parse(Array(line)) else { return nil }
            return try? OfferParser.parse(
                value,
                collection: "",
                source: source.offerSource,
                in: context
            ).offer
        }
    }

    private static func share(_ offers: [Offer], _ condition: (OfferSummary) -> Bool) -> Double {
        let count = offers.count { $0.summary.map(condition) ?? false }
        return Double(count) / Double(max(1, offers.count))
    }

    @Test(arguments: CorpusSource.allCases)
    func theSameSeedGivesTheSameBytes(source: CorpusSource) throws {
        let first = Self.bytes(try Self.corpus(400), source)
        #expect(first == Self.bytes(try Self.corpus(400), source))
        #expect(first != Self.bytes(try Self.corpus(400, seed: 8), source))
        let inLumps = try Self.corpus(400).file(of: source, pieceBytes: 1).flatMap(\.self)
        #expect(first == inLumps)
        #expect(first.count { $0 == 0x0A } == (try Self.corpus(400).count(of: source)))
    }

    @Test func eachLineIsImportedButThoseBrokenOrRepeatedOnPurpose() async throws {
        let corpus = try Self.corpus(2_300)
        try await withOffers { scene in
            for source in CorpusSource.allCases {
                let answer = try await scene.importOffers(
                    Self.bytes(corpus, source),
                    from: source.offerSource
                )
                let flaws = corpus.flaws(of: source)
                let good = corpus.count(of: source) - flaws.broken - flaws.repeated
                #expect(answer.created == UInt32(good), "\(source)")
                #expect(answer.refused == UInt32(flaws.broken), "\(source) \(answer.faults)")
                #expect(answer.same == UInt32(flaws.repeated), "\(source)")
            }
        }
    }

    @Test func aFewLinesAreBrokenOrRepeated() throws {
        let corpus = try Self.corpus(100_000)
        let broken = CorpusSource.allCases.map { corpus.flaws(of: $0).broken }.reduce(0, +)
        let repeated = CorpusSource.allCases.map { corpus.flaws(of: $0).repeated }.reduce(0, +)
        #expect((10...35).contains(broken))
        #expect((2...25).contains(repeated))
    }

    @Test func jobsHaveTheSharesOfRealOnes() throws {
        let corpus = try Self.corpus(4_000)
        let jobs = Self.offers(corpus, .franceTravail)
        #expect((2_400...2_440).contains(jobs.count))
        #expect((0.38...0.55).contains(Self.share(jobs) { $0.company.isEmpty }))
        #expect((0.08...0.22).contains(Self.share(jobs) { $0.place?.insee.isEmpty ?? true }))
        #expect((0.40...0.55).contains(Self.share(jobs) { $0.contract == .cdi }))
        #expect((0.12...0.22).contains(Self.share(jobs) { $0.contract == .interim }))
        #expect((0.38...0.54).contains(Self.share(jobs) { $0.experience == .beginnerAccepted }))
        #expect((0.52...0.68).contains(Self.share(jobs) { $0.workingTime == .unspecified }))
        #expect((0.03...0.10).contains(Self.share(jobs) { $0.kind == .apprenticeship }))
        let month = OffersScene.monday.milliseconds - 31 * 86_400_000
        #expect((0.40...0.60).contains(Self.share(jobs) { $0.publishedMs > month }))
        let lengths = jobs.map { $0.description.split(whereSeparator: \.isWhitespace).count }
        #expect(lengths.count { (75...330).contains($0) } > jobs.count * 98 / 100)
    }

    @Test func theOtherSourcesLackWhatRealOnesLack() throws {
        let corpus = try Self.corpus(4_000)
        let trainings = Self.offers(corpus, .laBonneAlternance)
        #expect(trainings.count { $0.rome.isEmpty } > 0)
        #expect(
            (0.02...0.14).contains(
                Self.share(trainings) { $0.company.isEmpty }
                    + Self.share(trainings) { $0.title.hasPrefix("Candidature spontanée") }
            )
        )
        let missions = Self.offers(corpus, .serviceCivique)
        #expect(missions.allSatisfy { $0.summary?.kind == .civicService })
        let immersions = Self.offers(corpus, .immersionFacilitee)
        #expect(
            (0.60...0.78).contains(
                Double(immersions.count { $0.contactMode == .contactByLink })
                    / Double(immersions.count)
            )
        )
    }

    /// Zipf: the n-th word comes about 1/n as often as the first, and many words come once.
    @Test func wordsAreSkewedAsInALanguage() throws {
        let jobs = Self.offers(try Self.corpus(3_000), .franceTravail)
        var counts: [String: Int] = [:]
        var total = 0
        for job in jobs {
            let words = Folding.fold(job.description).split { !($0.isLetter || $0.isNumber) }
            for word in words { counts[String(word), default: 0] += 1 }
            total += words.count
        }
        let ranked = counts.values.sorted(by: >)
        #expect(ranked.count > 3_000)
        #expect((0.02...0.12).contains(Double(ranked[0]) / Double(total)))
        let points = stride(from: 10, to: 2_000, by: 10).map { rank in
            (log(Double(rank)), log(Double(ranked[rank - 1])))
        }
        let meanX = points.map(\.0).reduce(0, +) / Double(points.count)
        let meanY = points.map(\.1).reduce(0, +) / Double(points.count)
        let slope =
            points.map { ($0.0 - meanX) * ($0.1 - meanY) }.reduce(0, +)
            / points.map { ($0.0 - meanX) * ($0.0 - meanX) }.reduce(0, +)
        #expect((-2.2 ... -0.7).contains(slope), "\(slope)")
        #expect(ranked.count { $0 == 1 } > ranked.count / 5)
    }

    @Test func wordsBelongToTrades() throws {
        let jobs = Self.offers(try Self.corpus(3_000), .franceTravail)
        func share(_ word: String, in letter: Character) -> Double {
            let of = jobs.filter { $0.rome.first == letter }
            return Double(of.count { $0.description.contains(word) }) / Double(max(1, of.count))
        }
        #expect(share("palettes", in: "N") > 5 * share("palettes", in: "G"))
        #expect(share("EHPAD", in: "J") > 5 * share("EHPAD", in: "F"))
    }

    @Test func knownDuplicatesAreTheSameVacancy() throws {
        let corpus = try Self.corpus(6_000)
        var offers: [String: Offer] = [:]
        for source in CorpusSource.allCases where source != .immersionFacilitee {
            for offer in Self.offers(corpus, source) { offers[offer.summary?.id ?? ""] = offer }
        }
        let pairs = corpus.duplicates
        #expect((150...300).contains(pairs.count))
        for (first, second) in pairs {
            let one = try #require(offers[first])
            let other = try #require(offers[second])
            if other.summary?.kind == .apprenticeship { #expect(one.rome == other.rome) }
            if let a = one.summary?.place, let b = other.summary?.place, !a.insee.isEmpty,
                !b.insee.isEmpty
            {
                #expect(a.department == b.department)
            }
        }
    }

    @Test func aMixIsFourNumbers() throws {
        #expect(CorpusMix("700:100:50:300") == .national)
        for text in ["", "1:2:3", "1:2:3:x", "0:0:0:0", "1:2:3:-4", "1:2:3:4:5"] {
            #expect(CorpusMix(text) == nil)
        }
        let jobs = try OfferCorpus(
            seed: 1,
            count: 10,
            mix: #require(CorpusMix("1:0:0:0")),
            untilMs: OffersScene.monday.milliseconds
        )
        #expect(CorpusSource.allCases.map { jobs.count(of: $0) } == [10, 0, 0, 0])
    }

    @Test func communesMayComeFromAFile() throws {
        let csv = """
            insee,name,postal_code,department,region,lat,lon,population
            51454,Reims,51100,51,44,49.25,4.03,180000
            51454,Reims,51000,51,44,49.25,4.03,180000

            """
        let corpus = try OfferCorpus(
            seed: 1,
            count: 200,
            untilMs: OffersScene.monday.milliseconds,
            communes: #require(CorpusCommune.read(csv: csv))
        )
        let missions = Self.offers(corpus, .serviceCivique)
        #expect(missions.contains { $0.summary?.place?.insee == "51454" })
        #expect(CorpusCommune.read(csv: "insee,name\n1,2\n") == nil)
        #expect(CorpusCommune.read(csv: "") == nil)
    }
}

extension CorpusSource {
    /// The same source in the schema.
    var offerSource: OfferSource {
        switch self {
        case .franceTravail: .franceTravail
        case .laBonneAlternance: .laBonneAlternance
        case .serviceCivique: .serviceCivique
        case .immersionFacilitee: .immersionFacilitee
        }
    }
}
