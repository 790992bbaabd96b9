import Contracts
import RPC
import Testing

@testable import Offers

@Suite struct ImportOffersTests {
    private let file = """
        {"resultats":[\(SampleOffers.job("A", "Vendeur")),\(SampleOffers.job("B", "Boulanger")),
        {"id":"C"},\(SampleOffers.job("D", "Serveur"))]}
        """

    @Test(arguments: [1, 7, 100_000])
    func offersAreStoredAndFaultsTold(pieceBytes: Int) async throws {
        try await withOffers { scene in
            let response = try await scene.importOffers(
                file,
                from: .franceTravail,
                pieceBytes: pieceBytes
            )
            let fault = OfferFault(
                line: 2,
                id: "C",
                field: "intitule",
                reason: "The offer has no intitule."
            )
            #expect(response == ImportOffersResponse(created: 3, refused: 1, faults: [fault]))
            #expect(try await scene.found("") == ["D", "B", "A"])
        }
    }

    @Test func theSameFileAgainChangesNothing() async throws {
        try await withOffers { scene in
            _ = try await scene.importOffers(file, from: .franceTravail)
            let before = try await scene.client.getOffer(GetOfferRequest(id: "france-travail:A"))
            let again = try await scene.importOffers(file, from: .franceTravail)
            #expect((again.created, again.changed, again.same, again.refused) == (0, 0, 3, 1))
            let after = try await scene.client.getOffer(GetOfferRequest(id: "france-travail:A"))
            #expect(before == after)
            #expect(try await scene.found("") == ["D", "B", "A"])
        }
    }

    @Test func aChangedOfferReplacesTheOldInTheSearch() async throws {
        try await withOffers { scene in
            _ = try await scene.importOffers(file, from: .franceTravail)
            let changed = SampleOffers.job("A", "Cuisinier", created: "2026-05-09T00:00:00Z")
            let response = try await scene.importOffers(changed, from: .franceTravail)
            #expect((response.created, response.changed, response.same) == (0, 1, 0))
            #expect(try await scene.found("vendeur") == [])
            #expect(try await scene.found("cuisinier") == ["A"])
            #expect(try await scene.found("") == ["A", "D", "B"])
        }
    }

    @Test func aClosedOfferLeavesTheSearchButCanBeRead() async throws {
        try await withOffers { scene in
            func json(_ status: String) -> String {
                #"{"identifier":{"id":"1"},"offer":{"title":"Vendeur","status":"\#(status)"}}"#
            }
            _ = try await scene.importOffers(json("Active"), from: .laBonneAlternance)
            #expect(try await scene.found("vendeur") == ["1"])
            _ = try await scene.importOffers(json("Filled"), from: .laBonneAlternance)
            #expect(try await scene.found("vendeur") == [])
            let closed = try await scene.client.getOffer(
                GetOfferRequest(id: "la-bonne-alternance:1")
            )
            #expect(closed.summary?.closed == true)
            let back = try await scene.importOffers(json("Active"), from: .laBonneAlternance)
            #expect(back.changed == 1)
            #expect(try await scene.found("vendeur") == ["1"])
        }
    }

    @Test func anIDThatComesTwiceIsTakenOnceAndStaysSo() async throws {
        try await withOffers { scene in
            let lines = [
                SampleOffers.job("A", "Vendeur"), SampleOffers.job("A", "Boulanger"),
                SampleOffers.job("A", "Vendeur"),
            ].joined(separator: "\n")
            let first = try await scene.importOffers(lines, from: .franceTravail)
            #expect((first.created, first.changed, first.same, first.refused) == (1, 0, 1, 1))
            #expect(first.faults.first?.line == 2)
            let second = try await scene.importOffers(lines, from: .franceTravail)
            #expect((second.created, second.changed, second.same, second.refused) == (0, 0, 2, 1))
            #expect(try await scene.found("vendeur") == ["A"])
        }
    }

    @Test func manyOffersFillSeveralBatches() async throws {
        try await withOffers { scene in
            let count = 2 * OfferLimits.batchOffers + 7
            let lines = (0..<count).map { SampleOffers.job("\($0)", "Métier numéro\($0)") }
                .joined(separator: "\n")
            let response = try await scene.importOffers(lines, from: .franceTravail)
            #expect(response.created == UInt32(count))
            #expect(try await scene.found("numero777") == ["777"])
            #expect(try await scene.importOffers(lines, from: .franceTravail).same == UInt32(count))
        }
    }

    @Test func aBrokenFileKeepsWhatCameBeforeIt() async throws {
        try await withOffers { scene async throws in
            let broken =
                "[\(SampleOffers.job("A", "Vendeur")),\n\(SampleOffers.job("B", "Serveur"))}"
            let response = try await scene.importOffers(broken, from: .franceTravail)
            #expect((response.created, response.refused) == (2, 1))
            #expect(response.faults.first?.line == 2)
            #expect(try await scene.found("") == ["B", "A"])
        }
    }

    @Test func onlyTheFirstHundredFaultsAreTold() async throws {
        try await withOffers { scene in
            let lines = String(repeating: "rubbish\n", count: 250)
            let response = try await scene.importOffers(lines, from: .serviceCivique)
            #expect(response.refused == 250)
            #expect(response.faults.count == 100)
            #expect(response.faults.last?.line == 100)
        }
    }

    @Test func theSourceMustBeGivenAndStay() async throws {
        try await withOffers { scene in
            let pieces: [[ImportOffersRequest]] = [
                [], [ImportOffersRequest(data: [0x7B])],
                [ImportOffersRequest(source: .unrecognized(9))],
                [
                    ImportOffersRequest(source: .franceTravail),
                    ImportOffersRequest(source: .serviceCivique),
                ],
            ]
            for requests in pieces {
                let error = await #expect(throws: RPCError.self) {
                    try await scene.client.importOffers { writer in
                        for request in requests { try await writer.write(request) }
                    }
                }
                #expect(error?.code == .invalidArgument)
                #expect(error?.message.hasPrefix("source ") == true)
            }
        }
    }

    @Test func piecesAreBounded() async throws {
        try await withOffers { scene in
            let data = [UInt8](repeating: 0x20, count: OfferLimits.pieceBytesMax + 1)
            let error = await #expect(throws: RPCError.self) {
                try await scene.importOffers(data, from: .franceTravail, pieceBytes: data.count)
            }
            #expect(error?.code == .invalidArgument)
        }
    }

    @Test func offersAboutHostileTextsAreStoredAsText() async throws {
        try await withOffers { scene in
            let json = SampleOffers.job(
                "A",
                "<script>alert(1)</script>Vendeur\\u0000\\u202e'); DROP TABLE offer;--",
                description: "<img src=x onerror=alert(1)>Texte \\ud800"
            )
            #expect(try await scene.importOffers(json, from: .franceTravail).created == 1)
            let offer = try await scene.client.getOffer(GetOfferRequest(id: "france-travail:A"))
            #expect(offer.summary?.title == "Vendeur'); DROP TABLE offer;--")
            #expect(offer.description == "Texte")
        }
    }

    @Test func unknownAndMalformedIDsAreTold() async throws {
        try await withOffers { scene in
            let unknown = await #expect(throws: RPCError.self) {
                try await scene.client.getOffer(GetOfferRequest(id: "france-travail:0"))
            }
            #expect(unknown?.code == .notFound)
            let empty = await #expect(throws: RPCError.self) {
                try await scene.client.getOffer(GetOfferRequest())
            }
            #expect(empty?.code == .invalidArgument)
        }
    }
}
