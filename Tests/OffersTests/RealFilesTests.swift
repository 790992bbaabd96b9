import Contracts
import Foundation
import RPC
import Storage
import Testing

@testable import Offers

/// Real answers of the sources, where they are at hand.
///
/// They are not part of the project: they are looked for in the folder that `PASS_REAL_DATA` names,
/// else in `../shared/data` beside the repository.
@Suite(.enabled(if: RealFiles.areThere, "real files are not at hand; set PASS_REAL_DATA"))
struct RealFilesTests {
    @Test func everyRealOfferOfFranceTravailIsTaken() async throws {
        try await withOffers { scene in
            try await importCommunes(scene)
            let file = try RealFiles.bytes("real/france-travail.ndjson")
            let clock = ContinuousClock()
            var response = ImportOffersResponse()
            let first = try await clock.measure {
                response = try await scene.importOffers(file, from: .franceTravail)
            }
            #expect(response == ImportOffersResponse(created: 1_500))
            let second = try await clock.measure {
                response = try await scene.importOffers(file, from: .franceTravail)
            }
            #expect(response == ImportOffersResponse(same: 1_500))
            print("import of 1,500 offers: new \(first), unchanged \(second)")
            let commune = try await scene.client.searchOffers(
                SearchOffersRequest(words: "développeur", place: "Lyon", radiusKm: 50)
            )
            #expect(commune.total > 0)
            for words in ["vendeur", "aide soignant", "développeur python", "", "serveuse h/f"] {
                var found = SearchOffersResponse()
                let request = SearchOffersRequest(words: words, place: "Paris", radiusKm: 50)
                let time = try await clock.measure {
                    for _ in 0..<20 { found = try await scene.client.searchOffers(request) }
                }
                #expect(found.total > 0)
                print("search \"\(words)\" near Paris: \(found.total) in \(time / 20)")
            }
        }
    }

    @Test func placesOfRealOffersAreUnderstood() async throws {
        try await withOffers { scene in
            try await importCommunes(scene)
            _ = try await scene.importOffers(
                RealFiles.bytes("real/france-travail.ndjson"),
                from: .franceTravail
            )
            let counts = try await scene.database.read { reader in
                // Of all offers: a search shows one where a job was published again.
                let summaries = try reader.rows("SELECT detail FROM offer").compactMap {
                    try Offer(serializedBytes: $0.blob("detail")).summary
                }
                return (summaries.count, summaries.count { $0.place?.point != nil })
            }
            // 1,267 have a commune, 3 more have coordinates alone.
            #expect(counts.0 == 1_500)
            #expect(counts.1 >= 1_267)
        }
    }

    @Test(arguments: [
        ("real/service-civique.json", OfferSource.serviceCivique),
        ("real/immersion-v2.json", .immersionFacilitee),
        ("real/immersion-v3.json", .immersionFacilitee), ("real/lba-v1.json", .laBonneAlternance),
        ("real/lba-v3.json", .laBonneAlternance),
    ])
    func everyRealAnswerIsSurvived(file: String, source: OfferSource) async throws {
        try await withOffers { scene in
            try await importCommunes(scene)
            for answer in try RealFiles.answers(file) {
                let first = try await scene.importOffers(
                    answer.body,
                    from: source,
                    pieceBytes: 1_000
                )
                let again = try await scene.importOffers(answer.body, from: source)
                #expect(again.created == 0 && again.changed == 0, "\(answer.note)")
                #expect(again.same == first.created + first.changed + first.same, "\(answer.note)")
                #expect(again.refused == first.refused && again.faults == first.faults)
                for fault in first.faults {
                    print("\(file): \(fault.id) \(fault.field): \(fault.reason)")
                }
                print(
                    "\(file): \(first.created) new, \(first.changed) changed, \(first.refused) refused – \(answer.note.prefix(60))"
                )
                #expect(first.refused <= answer.refusedMax, "\(answer.note)")
            }
        }
    }

    private func importCommunes(_ scene: OffersScene) async throws {
        let file = try RealFiles.bytes("communes.csv")
        let response = try await scene.client.importCommunes { writer in
            for start in stride(from: 0, to: file.count, by: 200_000) {
                let piece = Array(file[start..<min(start + 200_000, file.count)])
                try await writer.write(ImportCommunesRequest(csv: piece))
            }
        }
        #expect(response.communes == 35_415)
    }
}

/// Where the real files are, and how to read them.
enum RealFiles {
    struct Answer {
        let body: [UInt8]
        let note: String
        let refusedMax: UInt32
    }

    private static var folder: URL {
        if let folder = ProcessInfo.processInfo.environment["PASS_REAL_DATA"] {
            return URL(fileURLWithPath: folder)
        }
        // Tests/OffersTests/RealFilesTests.swift → the repository → beside it.
        return URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("shared/data")
    }

    static var areThere: Bool {
        let file = folder.appendingPathComponent("real/france-travail.ndjson")
        return FileManager.default.isReadableFile(atPath: file.path)
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent(name)))
    }

    /// The bodies of a file `{"answers": [{kind, status, note, body}]}`.
    static func answers(_ name: String) throws -> [Answer] {
        let file = try JSONSerialization.jsonObject(with: Data(try bytes(name)))
        let answers = (file as? [String: Any])?["answers"] as? [[String: Any]] ?? []
        return try answers.map { answer in
            let body = answer["body"] ?? NSNull()
            return Answer(
                body: Array(try JSONSerialization.data(withJSONObject: body)),
                note: answer["note"] as? String ?? "",
                // Errors, and items that lack an id or a title, are in the files on purpose.
                refusedMax: 3
            )
        }
    }
}
