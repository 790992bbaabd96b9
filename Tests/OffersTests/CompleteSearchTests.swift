import Contracts
import RPC
import Testing

@testable import Offers

@Suite struct CompleteSearchTests {
    @Test func whatIsBeingTypedIsCompleted() async throws {
        try await withOffers { scene in
            _ = try await scene.importOffers(JudgedCorpus.file, from: .franceTravail)
            func completions(_ words: String, limit: UInt32 = 8) async throws -> [String] {
                let request = CompleteSearchRequest(words: words, limit: limit)
                return try await scene.client.completeSearch(request).completions.map(\.words)
            }
            #expect(try await completions("boulang").contains("Boulanger"))
            #expect(try await completions("BOULANGÈ").isEmpty == false)
            #expect(try await completions("Mars").contains("Marseille"))
            #expect(try await completions("vendeur lyo").contains("vendeur Lyon"))
            #expect(try await completions("zzzz") == [])
            #expect(try await completions("co", limit: 3).count == 3)
            // No offer is about astronauts: the name of a trade is not offered in vain.
            #expect(try await completions("astronau") == [])
            let places = try await scene.client.completeSearch(.init(words: "nant")).completions
            #expect(places.first { $0.kind == .placeCompletion }?.place?.insee == "44109")
        }
    }

    @Test func badFieldsAreNamed() async throws {
        try await withOffers { scene in
            for (request, field) in [
                (CompleteSearchRequest(words: "a"), "words"),
                (CompleteSearchRequest(words: String(repeating: "é", count: 201)), "words"),
                (CompleteSearchRequest(words: "vendeur", limit: 21), "limit"),
            ] {
                let error = await #expect(throws: RPCError.self) {
                    try await scene.client.completeSearch(request)
                }
                #expect(error?.code == .invalidArgument)
                #expect(error?.message.hasPrefix("\(field) ") == true)
            }
        }
    }
}
