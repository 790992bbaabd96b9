import Contracts
import RPC
import ServiceKit
import Storage
import Testing

@testable import Offers

/// A saved search finds of the new offers exactly those that the search itself finds among them.
@Suite struct AlertEqualsSearchTests {
    /// Words of which none is the beginning of another, a place or a slip of another.
    private static let words = [
        "vendeur", "boulanger", "soudeur", "jardinier", "infirmier", "plombier", "magasinier",
        "cuisinier", "peintre", "comptable", "chauffeur", "electricien",
    ]
    private static let communes = ["51454", "75056", "69123", "13055", "31555", "59350", "97411"]
    private static let contracts = ["CDI", "CDD", "MIS", "SAI"]
    private static let romes = ["D1106", "F1603", "K1501", "M1203"]

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func onRandomSets(seed: UInt64) async throws {
        var random = SplitMix(seed)
        let searches = (0..<60).map { _ in Self.search(&random) }
        let offers = (0..<400).map { Self.offer($0, &random) }
        try await withAlerts { scene in
            for (index, search) in searches.enumerated() {
                // Each in its own account would be more of the same.
                try await insert(search, index, into: scene)
            }
            var matcher = AlertMatcher(beside: scene.service)
            try await scene.importJobs(Array(offers[..<150]))
            _ = try await matcher.passAll()
            try await scene.importJobs(Array(offers[150...]))
            _ = try await matcher.passAll()
            var matches = 0
            for (index, search) in searches.enumerated() {
                let expected = try await everything(search, in: scene)
                let stored = try await scene.offers.database.read { reader in
                    try SavedSearchStore.find(AlertsScene.id(index), in: reader)
                }
                let row = try #require(stored)
                #expect(row.search.found == UInt64(expected.count), "\(search)")
                let marks = Set(row.latest.marks.map(\.offerID))
                #expect(marks.isSubset(of: expected), "\(search)")
                #expect(marks.count == min(expected.count, AlertLimits.foundKept), "\(search)")
                matches += expected.count
            }
            // Both finding and not finding are put to the test.
            #expect(matches > 200)
            #expect(matches < searches.count * offers.count / 2)
        }
    }

    private func insert(
        _ search: SearchOffersRequest,
        _ index: Int,
        into scene: AlertsScene
    ) async throws {
        let id = AlertsScene.id(index)
        let named = NamedSearch(name: "n", criteria: search)
        let person = AlertsScene.id(1_000 + index)
        _ = try await scene.offers.database.write { transaction in
            try SavedSearchStore.insert(
                named,
                id: id,
                of: person,
                at: OffersScene.monday,
                in: transaction
            )
        }
    }

    /// The ids of all that a search finds, page by page.
    private func everything(
        _ search: SearchOffersRequest,
        in scene: AlertsScene
    ) async throws -> Set<String> {
        var request = search
        request.limit = 100
        var ids: Set<String> = []
        repeat {
            let page = try await scene.offers.client.searchOffers(request)
            ids.formUnion(page.offers.map(\.id))
            request.cursor = page.next
        } while !request.cursor.isEmpty
        return ids
    }

    private static func search(_ random: inout SplitMix) -> SearchOffersRequest {
        var search = SearchOffersRequest()
        let count = random.next(3)
        search.words = (0..<count).map { _ in random.one(of: words) }.joined(separator: " ")
        if random.next(2) == 0 {
            search.place = random.one(of: communes)
            search.radiusKm = UInt32(random.one(of: [0, 5, 20, 50, 100, 200]))
        }
        if random.next(4) == 0 { search.contracts = [random.one(of: [.cdi, .cdd, .interim])] }
        if random.next(5) == 0 { search.contracts.append(.seasonal) }
        if random.next(5) == 0 {
            search.romes = [random.one(of: romes), random.one(of: romes).lowercased()]
        }
        if random.next(6) == 0 { search.experiences = [.beginnerAccepted] }
        if random.next(6) == 0 { search.workingTimes = [.partTime] }
        if random.next(5) == 0 { search.publishedWithinDays = UInt32(1 + random.next(10)) }
        if random.next(8) == 0 { search.kinds = [.job, .immersion] }
        if random.next(20) == 0 { search.kinds = [.civicService] }
        return search
    }

    private static func offer(_ number: Int, _ random: inout SplitMix) -> String {
        let title = (0...random.next(2)).map { _ in random.one(of: words) }
        let text = (0...random.next(3)).map { _ in random.one(of: words) }
        let day = 1 + random.next(11)
        let commune = random.one(of: communes + [""])
        // Somewhere around the commune rather than in its middle.
        let place =
            commune == "51454"
            ? #","lieuTravail":{"libelle":"","latitude":\#(49.0 + random.unit()),"#
                + #""longitude":\#(3.5 + random.unit())}"# : ""
        let partTime = random.next(3) == 0 ? "Temps partiel" : "Temps plein"
        let extra =
            #","romeCode":"\#(random.one(of: romes))","dureeTravailLibelleConverti":"\#(partTime)""#
        let job = SampleOffers.job(
            "R\(number)",
            title.joined(separator: " et "),
            description: text.joined(separator: ", "),
            commune: commune,
            created: "2026-05-\(day < 10 ? "0" : "")\(day)T0\(random.next(8)):11:02.000Z",
            contract: random.one(of: contracts),
            experience: random.one(of: ["D", "S", "E"]),
            extra: extra
        )
        return place.isEmpty
            ? job : job.replacing(#","lieuTravail":{"libelle":"","commune":"51454"}"#, with: place)
    }
}

/// Random numbers that are the same in every run.
///
/// Source: S. Vigna, splitmix64.
struct SplitMix {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// From 0 up to `bound`, which is left out.
    mutating func next(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// From 0 up to 1, which is left out.
    mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }

    mutating func one<Value>(of values: [Value]) -> Value { values[next(values.count)] }
}
