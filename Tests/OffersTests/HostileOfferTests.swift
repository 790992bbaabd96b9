import Contracts
import Corpus
import RPC
import Storage
import Testing

@testable import Offers

/// Whatever a source sends in whatever place: an offer with sound fields, or a refusal that says why.
@Suite struct HostileOfferTests {
    /// What stands where something else is expected.
    private static let poison: [JSONValue] = [
        .null, .bool(true), .number("-1"), .number("0"), .number("1e999"),
        .number("99999999999999999999"), .string(""), .string("ZZ9"),
        .string(String(repeating: "é", count: 15_000)),
        .string("<script>alert(1)</script>&lt;img src=x onerror=alert(1)&gt;\u{0}\u{202E}"),
        .string("3023-13-45T99:99:99Z"), .string("javascript:alert(1)"), .array([]),
        .array([.null, .object([]), .string("x"), .array([.number("1")])]), .object([]),
        .object([JSONValue.Member(key: "libelle", value: .array([.object([])]))]),
    ]

    /// All values that differ from `value` in one place.
    private static func variants(of value: JSONValue) -> [JSONValue] {
        var all = poison
        switch value {
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                for variant in variants(of: element) {
                    var changed = elements
                    changed[index] = variant
                    all.append(.array(changed))
                }
            }
        case .object(let members):
            for (index, member) in members.enumerated() {
                for variant in variants(of: member.value) {
                    var changed = members
                    changed[index] = JSONValue.Member(key: member.key, value: variant)
                    all.append(.object(changed))
                }
            }
        default: break
        }
        return all
    }

    private static func lines(_ source: CorpusSource) throws -> [[UInt8]] {
        let corpus = try OfferCorpus(
            seed: 3,
            count: 60,
            untilMs: OffersScene.monday.milliseconds
        )
        return corpus.file(of: source).flatMap(\.self).split(separator: 0x0A).map { Array($0) }
    }

    @Test(arguments: CorpusSource.allCases)
    func aWrongValueInAnyPlaceIsSurvived(source: CorpusSource) throws {
        let context = ImportContext(
            communes: CommuneTable(BuiltInCommunes.all),
            now: OffersScene.monday
        )
        for line in try Self.lines(source).prefix(2) {
            for value in Self.variants(of: try JSONParser.parse(line)) {
                do throws(OfferRefusal) {
                    let parsed = try OfferParser.parse(
                        value,
                        collection: "",
                        source: source.offerSource,
                        in: context
                    )
                    try Self.check(parsed.offer)
                } catch {
                    #expect(!error.reason.isEmpty)
                }
            }
        }
    }

    private static func check(_ offer: Offer) throws(OfferRefusal) {
        guard let summary = offer.summary else {
            throw OfferRefusal(field: "", reason: "")
        }
        let texts = [
            summary.title, summary.company, summary.contractLabel, offer.description, offer.salary,
            offer.companyDescription, offer.workingHours, offer.romeLabel,
            summary.place?.label ?? "",
        ]
        #expect(!summary.title.isEmpty && summary.title.utf8.count <= OfferLimits.titleBytesMax)
        for text in texts + offer.skills {
            #expect(!text.contains("<script"))
            #expect(text.utf8.count <= OfferLimits.descriptionBytesMax)
            #expect(!text.unicodeScalars.contains { $0 == "\u{0}" || $0 == "\u{202E}" })
        }
        #expect(offer.applyURL.isEmpty || offer.applyURL.hasPrefix("http"))
        #expect(summary.publishedMs <= OffersScene.monday.milliseconds + 86_400_000)
        #expect(summary.publishedMs >= 0 && offer.startMs >= 0)
        if let point = summary.place?.point {
            #expect(Point(latitude: point.latitude, longitude: point.longitude).isOnEarth)
        }
        #expect((try? offer.serializedBytes()) != nil)
    }

    /// What follows a line that breaks off is read, wherever it breaks off.
    @Test(arguments: CorpusSource.allCases)
    func aLineThatBreaksOffAnywhereHidesNoOther(source: CorpusSource) throws {
        let line = try #require(try Self.lines(source).first)
        let good = Array(#"{"id":"good"}"#.utf8)
        for length in 1..<line.count {
            var splitter = OfferSplitter()
            let events =
                splitter.push(good + [0x0A] + line.prefix(length) + [0x0A] + good + [0x0A])
                + splitter.finish()
            let offers = events.filter {
                if case .offer(good, _, _) = $0 { true } else { false }
            }
            #expect(offers.count == 2, "\(length)")
            #expect(events.count == 3, "\(length)")
        }
    }

    @Test func unknownCodesAreNotTold() throws {
        let offer = try parseOffer(
            """
            {"id":"1","intitule":"Vendeur","typeContrat":"XYZ","experienceExige":"Q",\
            "natureContrat":"Z9","romeCode":"ZZ","dureeTravailLibelleConverti":"Temps élastique",\
            "lieuTravail":{"commune":"99999","codePostal":"00000"}}
            """,
            .franceTravail
        ).offer
        #expect(offer.summary?.contract == .otherContract)
        #expect(offer.summary?.experience == .unspecified)
        #expect(offer.summary?.workingTime == .unspecified)
        #expect(offer.rome.isEmpty)
        #expect(offer.summary?.place?.insee ?? "" == "")
    }

    /// An import of rubbish changes nothing of what is there, complete or not.
    @Test(arguments: [
        "", "null", "[]", "{}", "<html>", #"{"resultats":null}"#, "[[[[", "\u{0}\u{1}",
        String(repeating: "[", count: 10_000), String(repeating: #"{"a":"#, count: 10_000),
    ])
    func rubbishHarmsNothing(text: String) async throws {
        try await withOffers { scene in
            let good = (0..<5).map { SampleOffers.job("\($0)", "Vendeur") }
                .joined(separator: "\n")
            _ = try await scene.importOffers(good, from: .franceTravail)
            let answer = try await scene.importOffers(
                text,
                from: .franceTravail,
                isComplete: true
            )
            #expect((answer.created, answer.changed, answer.closed) == (0, 0, 0))
            #expect(try await scene.found("vendeur").count == 5)
        }
    }
}
