import Contracts
import Corpus
import RPC
import Storage
import Testing

@testable import Offers

@Suite struct TwinTests {
    private static let text = """
        Vous accueillez les clients du magasin, vous préparez les commandes et vous tenez la caisse avec \
        rigueur. Vous présentez les pains et les viennoiseries chaque matin dans le respect des règles \
        d'hygiène, et vous conseillez les habitués du quartier avec le sourire.
        """

    /// An apprenticeship in Reims, of La bonne alternance.
    private static func training(
        _ id: String,
        _ title: String,
        company: String = "SAS BOULANGERIE DUPONT",
        text: String = text,
        address: String = "3 rue de Vesle, 51100 Reims",
        status: String = "Active"
    ) -> String {
        """
        {"identifier":{"id":"\(id)"},"workplace":{"name":"\(company)",\
        "location":{"address":"\(address)"}},"offer":{"title":"\(title)",\
        "description":"\(text)","status":"\(status)",\
        "publication":{"creation":"2026-05-06T00:00:00Z"}}}
        """
    }

    /// A job in Reims, of France Travail.
    private static func job(
        _ id: String,
        _ title: String,
        company: String = "Boulangerie Dupont",
        text: String = text,
        created: String = "2026-05-04T08:11:02.000Z"
    ) -> String {
        SampleOffers.job(
            id,
            title,
            description: text,
            created: created,
            extra: #","entreprise":{"nom":"\#(company)"}"#
        )
    }

    @Test func theSameJobOfTwoSourcesIsFoundOnceWithItsLinks() async throws {
        try await withOffers { scene in
            _ = try await scene.importOffers(
                Self.job("A", "Vendeur / Vendeuse en boulangerie (H/F)"),
                from: .franceTravail
            )
            let answer = try await scene.importOffers(
                Self.training("1", "Alternance - VENDEUSE EN BOULANGERIE F/H"),
                from: .laBonneAlternance
            )
            #expect(answer.created == 1)
            let found = try await scene.client.searchOffers(
                SearchOffersRequest(words: "boulangerie")
            )
            #expect(found.offers.map(\.id) == ["france-travail:A"])
            let link = OfferLink(offerID: "la-bonne-alternance:1", source: .laBonneAlternance)
            #expect(found.offers.first?.links == [link])
            let other = try await scene.client.getOffer(
                GetOfferRequest(id: "la-bonne-alternance:1")
            )
            #expect(other.summary?.links.map(\.offerID) == ["france-travail:A"])
            #expect(other.summary?.links.first?.applyURL == "https://example.org/A")
        }
    }

    @Test(arguments: [
        training("1", "Vendeur en boulangerie", company: "Boulangerie Martin"),
        training("1", "Vendeur en boulangerie", address: "3 rue de la Paix, 10000 Troyes"),
        training("1", "Comptable"),
        training(
            "1",
            "Vendeur en boulangerie",
            company: "",
            text: """
                Notre équipe recherche une personne motivée pour encadrer les apprentis de l'atelier et \
                suivre la production des gâteaux. Une expérience de trois ans est demandée, et le permis \
                de conduire est exigé pour les livraisons du samedi.
                """
        ),
    ])
    func otherJobsStayApart(other: String) async throws {
        try await withOffers { scene in
            _ = try await scene.importOffers(
                Self.job("A", "Vendeur en boulangerie"),
                from: .franceTravail
            )
            _ = try await scene.importOffers(other, from: .laBonneAlternance)
            #expect(Set(try await scene.found("")) == ["A", "1"])
        }
    }

    @Test func whenTheLeaderClosesTheNextIsFound() async throws {
        try await withOffers { scene in
            let title = "Vendeur en boulangerie"
            _ = try await scene.importOffers(Self.training("1", title), from: .laBonneAlternance)
            _ = try await scene.importOffers(Self.job("A", title), from: .franceTravail)
            #expect(try await scene.found("boulangerie") == ["1"])
            let closed = Self.training("1", title, status: "Filled")
            _ = try await scene.importOffers(closed, from: .laBonneAlternance)
            #expect(try await scene.found("boulangerie") == ["A"])
            let offer = try await scene.client.getOffer(GetOfferRequest(id: "france-travail:A"))
            #expect(offer.summary?.links == [])
            // It comes back as one of two, behind the one that leads now.
            _ = try await scene.importOffers(Self.training("1", title), from: .laBonneAlternance)
            #expect(try await scene.found("boulangerie") == ["A"])
        }
    }

    @Test func whenTheLeaderBecomesAnotherJobBothAreFound() async throws {
        try await withOffers { scene in
            let title = "Vendeur en boulangerie"
            let both = "\(Self.job("A", title))\n\(Self.job("B", "Serveur"))"
            _ = try await scene.importOffers(both, from: .franceTravail)
            _ = try await scene.importOffers(Self.training("1", title), from: .laBonneAlternance)
            #expect(Set(try await scene.found("")) == ["A", "B"])
            // In one batch: the leader leaves, and the one it led, now found, changes as well.
            _ = try await scene.importOffers(Self.job("A", "Comptable"), from: .franceTravail)
            #expect(Set(try await scene.found("")) == ["A", "B", "1"])
            #expect(try await scene.found("comptable") == ["A"])
            #expect(try await scene.found("vendeur") == ["1"])
            let changed = Self.training("1", "Pâtissier")
            _ = try await scene.importOffers(changed, from: .laBonneAlternance)
            #expect(try await scene.found("vendeur") == [])
        }
    }

    @Test func twoThatContradictEachOtherDoNotMeetOverAThird() async throws {
        try await withOffers { scene in
            let title = "Vendeur en boulangerie"
            _ = try await scene.importOffers(
                Self.job("A", title, company: "Boulangerie Martin"),
                from: .franceTravail
            )
            // Without a company it is like both.
            _ = try await scene.importOffers(
                Self.training("1", title, company: ""),
                from: .laBonneAlternance
            )
            _ = try await scene.importOffers(
                Self.job("B", title, company: "Boulangerie Roux"),
                from: .franceTravail
            )
            #expect(Set(try await scene.found("")) == ["A", "B"])
        }
    }

    @Test func traitsAreStoredAsTheyAre() throws {
        let context = ImportContext(
            communes: CommuneTable(BuiltInCommunes.all),
            now: OffersScene.monday
        )
        let reader = TwinReader()
        for json in [Self.job("A", "Vendeur"), SampleOffers.job("B", "Serveur")] {
            let value = try JSONParser.parse(Array(json.utf8))
            let parsed = try FranceTravailParser.parse(value, in: context)
            let found = reader.traits(of: parsed)
            let traits = try #require(found)
            #expect(TwinTraits(stored: traits.stored) == traits)
        }
        #expect(TwinTraits(stored: []) == nil)
        #expect(TwinTraits(stored: [UInt8](repeating: 200, count: 31)) == nil)
    }

    /// Precision at least 0.98 and recall at least 0.9 on what the generator knows to be the same.
    @Test func knownDuplicatesAreFound() async throws {
        let corpus = try OfferCorpus(
            seed: 11,
            count: 12_000,
            untilMs: OffersScene.monday.milliseconds
        )
        try await withOffers { scene in
            for source in CorpusSource.allCases where source != .immersionFacilitee {
                let bytes = corpus.file(of: source).flatMap(\.self)
                _ = try await scene.importOffers(bytes, from: source.offerSource)
            }
            let truth = Set(corpus.duplicates.map { Set([$0.0, $0.1]) })
            let found = try await pairs(scene)
            let right = found.intersection(truth).count
            let precision = Double(right) / Double(max(1, found.count))
            let recall = Double(right) / Double(truth.count)
            #expect(truth.count > 300)
            #expect(precision >= 0.98, "\(precision)")
            #expect(recall >= 0.9, "\(recall)")
        }
    }

    private func pairs(_ scene: OffersScene) async throws -> Set<Set<String>> {
        let rows = try await scene.database.read { reader in
            try reader.rows("SELECT id, lead_id FROM offer_twin WHERE lead_id IS NOT NULL")
                .map { (try $0.text("id"), try $0.text("lead_id")) }
        }
        var pairs: Set<Set<String>> = []
        for members in Dictionary(grouping: rows, by: \.1).values {
            for (number, one) in members.enumerated() {
                for other in members.dropFirst(number + 1) { pairs.insert([one.0, other.0]) }
            }
        }
        return pairs
    }
}
