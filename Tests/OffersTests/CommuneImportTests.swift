import Contracts
import RPC
import Testing

@testable import Offers

@Suite struct CommuneImportTests {
    private let header = "insee,name,postal_code,department,region,lat,lon,population\n"
    private let briancon = "05023,Briançon,05100,05,93,44.8993,6.6428,10000\n"

    @Test func theTableIsReplaced() async throws {
        try await withOffers { scene in
            let before = try await scene.client.listPlaces(ListPlacesRequest(prefix: "rei"))
            #expect(before.places.map(\.insee) == ["51454"])
            let csv =
                header + briancon + "2A004,Ajaccio,20000,2A,94,41.9347,8.7011,73822\n"
                + "2A004,Ajaccio,20090,2A,94,41.9347,8.7011,73822\r\n04001,\"L'\"\"Aiglun\"\", Haut\",04510,04,93,44,6,1400\n"
            #expect(try await scene.importCommunes(csv).communes == 4)
            let after = try await scene.client.listPlaces(ListPlacesRequest(prefix: "rei"))
            #expect(after.places == [])
            let found = try await scene.client.listPlaces(ListPlacesRequest(prefix: "AJAC"))
            #expect(found.places.map(\.postalCode) == ["20000"])
            let quoted = try await scene.client.listPlaces(ListPlacesRequest(prefix: "aiglun"))
            #expect(quoted.places.map(\.name) == ["L'\"Aiglun\", Haut"])
        }
    }

    @Test func theTableOutlivesTheProcess() async throws {
        try await withOffers { scene in
            _ = try await scene.importCommunes(header + briancon)
            let directory = CommuneDirectory(store: CommuneStore(database: scene.database))
            #expect(try await directory.table().communes.map(\.name) == ["Briançon"])
        }
    }

    @Test(arguments: [
        ("5023,X,05100,05,93,44,6,1", "insee"), ("2C004,X,05100,05,93,44,6,1", "insee"),
        ("05023,,05100,05,93,44,6,1", "name"),
        ("05023,X,5100,05,93,44,6,1", "postal_code"), ("05023,X,05100,96,93,44,6,1", "department"),
        ("05023,X,05100,05,93,95,6,1", "lat"), ("05023,X,05100,05,93,44,x,1", "lon"),
        ("05023,X,05100,05,93,44,nan,1", "lon"),
        ("05023,X,05100,05,93,44,6,-1", "population"), ("05023,X,05100", "line"), ("\u{1}", "line"),
    ])
    func badLinesAreNamedAndNothingChanges(line: String, field: String) async throws {
        try await withOffers { scene in
            let error = await #expect(throws: RPCError.self) {
                try await scene.importCommunes(header + briancon + line + "\n")
            }
            #expect(error?.code == .invalidArgument)
            let faults = try error?.details.filter { $0.type == CommuneFault.fullName }
                .map { try CommuneFault(serializedBytes: $0.value) }
            #expect(faults?.map(\.line) == [3])
            #expect(faults?.map(\.field) == [field])
            let places = try await scene.client.listPlaces(ListPlacesRequest(prefix: "Reims"))
            #expect(places.places.count == 1)
        }
    }

    @Test func atMostAHundredFaultsAreTold() async throws {
        try await withOffers { scene in
            let error = await #expect(throws: RPCError.self) {
                try await scene.importCommunes(
                    header + briancon + String(repeating: briancon, count: 300)
                )
            }
            #expect(error?.details.filter { $0.type == CommuneFault.fullName }.count == 100)
        }
    }

    @Test(arguments: [
        "", "insee;name\n", "insee,name,postal_code,department,region,lat,lon,population\n",
    ])
    func filesWithoutCommunesAreRefused(csv: String) async throws {
        try await withOffers { scene in
            let error = await #expect(throws: RPCError.self) { try await scene.importCommunes(csv) }
            #expect(error?.code == .invalidArgument)
        }
    }

    @Test func bytesAreCheckedInEveryPieceSize() {
        var bytes = Array((header + briancon).utf8)
        for size in 1...bytes.count {
            var reader = CommuneCSV()
            for start in stride(from: 0, to: bytes.count, by: size) {
                reader.push(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            reader.finish()
            #expect(reader.communes.map(\.name) == ["Briançon"] && reader.faults == [])
        }
        bytes.insert(0xFF, at: header.utf8.count + 6)
        var reader = CommuneCSV()
        reader.push(bytes)
        reader.push([UInt8](repeating: 0x61, count: 10_000))
        reader.finish()
        #expect(reader.faults.map(\.mend) == ["must be UTF-8", "must be at most 4096 bytes"])
    }

    @Test(arguments: ["a", "", String(repeating: "x", count: 101), "   "])
    func prefixesAreBounded(prefix: String) async throws {
        try await withOffers { scene in
            let error = await #expect(throws: RPCError.self) {
                try await scene.client.listPlaces(ListPlacesRequest(prefix: prefix))
            }
            #expect(error?.code == .invalidArgument)
        }
    }
}
