import Contracts
import RPC
import Testing

@testable import Offers

/// What is read from the words typed into one box.
@Suite struct QueryReaderTests {
    private func read(_ words: String) -> ReadWords {
        QueryReader(
            communes: CommuneTable(BuiltInCommunes.all),
            readsPlace: true,
            readsRadius: true,
            readsKinds: true,
            readsContracts: true,
            readsWorkingTimes: true
        ).read(words)
    }

    @Test(arguments: [
        ("vendeur Lyon", "vendeur", "69123", 0),
        ("Lyon vendeur", "vendeur", "69123", 0),
        ("vendeuse à Lyon", "vendeuse", "69123", 0),
        ("mécanicien auto 30 km Lille", "mécanicien auto", "59350", 30),
        ("mécanicien auto à 30km de Lille", "mécanicien auto", "59350", 30),
        ("serveur dans un rayon de 15 kilomètres autour de Reims", "serveur", "51454", 15),
        ("infirmier saint-étienne", "infirmier", "42218", 0),
        ("infirmier ST ETIENNE", "infirmier", "42218", 0),
        ("boulanger Aix en Provence", "boulanger", "13001", 0),
        ("boulanger 51100", "boulanger", "51454", 0),
        ("vendeur", "vendeur", "", 0),
        ("aide à domicile", "aide à domicile", "", 0),
        ("35h", "35h", "", 0),
        ("", "", "", 0),
        ("Paris", "", "75056", 0),
        ("macon", "macon", "", 0),
        ("boulanger Mâcon", "boulanger", "71270", 0),
        ("boulanger à macon", "boulanger", "71270", 0),
        ("CDI Marseille 13", "", "13055", 0),
        ("serveur Marseille 4", "serveur", "13204", 0),
        ("développeur C++ Nantes", "développeur C++", "44109", 0),
        ("vendeur 5000 km", "vendeur", "", 200),
        ("🙂 à à à", "🙂 à à à", "", 0),
    ])
    func placesAndRadiiAreRead(words: String, rest: String, insee: String, km: Int) {
        let result = read(words)
        #expect(result.words == rest)
        #expect(result.place?.insee ?? "" == insee)
        #expect(result.radiusKm == UInt32(km))
    }

    @Test func contractsKindsAndHoursAreRead() {
        #expect(read("CDI vendeur").contracts == [.cdi])
        #expect(read("vendeur cdd ou intérim").contracts == [.cdd, .interim])
        #expect(read("alternance boulanger").kinds == [.apprenticeship])
        #expect(read("service civique Lyon").kinds == [.civicService])
        #expect(read("service civique Lyon").words == "")
        #expect(read("serveur temps partiel").workingTimes == [.partTime])
        #expect(read("serveur mi-temps").workingTimes == [.partTime])
        #expect(read("service client").kinds == [])
    }

    @Test func whatARequestSaysItselfIsNotReadFromItsWords() async throws {
        try await withOffers { scene in
            let file = [
                SampleOffers.job("lyon", "Vendeur", commune: "69123", contract: "CDI"),
                SampleOffers.job("reims", "Vendeur", description: "Rien à Lyon.", contract: "CDI"),
            ].joined(separator: "\n")
            _ = try await scene.importOffers(file, from: .franceTravail)
            var request = SearchOffersRequest(words: "vendeur lyon")
            let answer = try await scene.client.searchOffers(request)
            #expect(answer.offers.map(\.id) == ["france-travail:lyon"])
            #expect(answer.understood?.place?.name == "Lyon")
            #expect(answer.understood?.words == "vendeur")
            #expect(answer.place?.insee == "69123")
            request.place = "Reims"
            #expect(try await scene.found(request) == ["reims"])
            request.place = ""
            request.wordsOnly = true
            let words = try await scene.client.searchOffers(request)
            #expect(words.understood == nil && words.place == nil)
            #expect(words.offers.map(\.id).contains("france-travail:reims"))
        }
    }

    @Test func aMistypedWordIsToldWithWhatItWasTakenFor() async throws {
        try await withOffers { scene in
            let file = SampleOffers.job("1", "Boulanger")
            _ = try await scene.importOffers(file, from: .franceTravail)
            let answer = try await scene.client.searchOffers(
                SearchOffersRequest(words: "boulnager reims")
            )
            #expect(answer.offers.map(\.id) == ["france-travail:1"])
            #expect(answer.understood?.corrections.map(\.taken) == ["boulanger"])
        }
    }
}
