import Contracts
import Testing

@testable import Offers

@Suite struct PlaceTests {
    private static let table = CommuneTable(
        BuiltInCommunes.all + [
            commune("05023", "Briançon", "05100", 44.8993, 6.6428, 10_000),
            commune("2A004", "Ajaccio", "20090", 41.9347, 8.7011, 73_000),
            commune("2A004", "Ajaccio", "20000", 41.9347, 8.7011, 73_000),
            commune("53147", "Mayenne", "53100", 48.3, -0.6167, 12_000),
            commune("72181", "Le Mans", "72000", 48.0, 0.2, 145_000),
        ]
    )

    private static func commune(
        _ insee: String,
        _ name: String,
        _ postalCode: String,
        _ latitude: Double,
        _ longitude: Double,
        _ population: Int
    ) -> Commune {
        Commune(
            insee: insee,
            name: name,
            postalCode: postalCode,
            department: Department.of(insee: insee) ?? "",
            point: Point(latitude: latitude, longitude: longitude),
            population: population
        )
    }

    @Test func theBuiltInTableHoldsTheLargestCommunes() {
        let codes = Set(BuiltInCommunes.all.map(\.insee))
        #expect(codes.count == 345)
        #expect(codes.isSuperset(of: ["75056", "69123", "13055", "75111", "51454", "97411"]))
        #expect(BuiltInCommunes.all.allSatisfy { $0.point.isInFrance && $0.population > 0 })
    }

    @Test(arguments: [
        ("51454", "51454"), ("51100", "51454"), ("Reims", "51454"), ("REIMS ", "51454"),
        ("51 - REIMS", "51454"), ("Reims 51100", "51454"), ("Reims (51)", "51454"),
        ("Saint-Étienne", "42218"), ("st etienne", "42218"), ("SAINT ETIENNE", "42218"),
        ("Paris", "75056"), ("75056", "75056"), ("Paris 11", "75111"), ("Paris 11e", "75111"),
        ("PARIS 01", "75101"), ("paris 1er arrondissement", "75101"), ("Paris 11ème", "75111"),
        ("75011", "75111"), ("75001", "75056"), ("Marseille 13", "13213"), ("Lyon 3e", "69383"),
        ("2A004", "2A004"), ("2a004", "2A004"), ("20090", "2A004"), ("le mans", "72181"),
        ("Mans", "72181"), ("Saint-Denis", "97411"), ("93200", "93066"),
        ("Boulogne Billancourt", "92012"),
    ])
    func placesAreUnderstood(text: String, insee: String) {
        #expect(Self.table.find(text)?.insee == insee)
    }

    @Test(arguments: ["", "Nulle-Part", "99999", "Paris 21", "!!!", "🙂", "France", "51"])
    func otherTextsAreNoPlace(text: String) {
        #expect(Self.table.find(text) == nil)
    }

    @Test func prefixesFindTheLargestFirst() {
        let names = Self.table.communes(prefix: "Saint-d", limit: 10).map(\.insee)
        #expect(names.first == "97411")
        #expect(Set(names).isSuperset(of: ["93066", "97411"]))
        #expect(Self.table.communes(prefix: "par", limit: 1).map(\.insee) == ["75056"])
        #expect(Self.table.communes(prefix: "511", limit: 5).map(\.insee) == ["51454"])
        #expect(Self.table.communes(prefix: "200", limit: 5).map(\.insee) == ["2A004"])
        #expect(Self.table.communes(prefix: "--", limit: 5) == [])
    }

    @Test(arguments: [
        ("01000", "01"), ("51100", "51"), ("20000", "2A"), ("20137", "2A"), ("20200", "2B"),
        ("20600", "2B"), ("97410", "974"), ("98800", "988"),
    ])
    func departmentsComeFromPostalCodes(code: String, department: String) {
        #expect(Department.of(postalCode: code) == department)
    }

    @Test func departmentsComeFromINSEECodes() {
        #expect(Department.of(insee: "2B033") == "2B")
        #expect(Department.of(insee: "97411") == "974")
        #expect(Department.of(insee: "99999") == nil)
        #expect(Department.of(postalCode: "1070-112") == nil)
        #expect(!Department.isCode("20") && !Department.isCode("96") && !Department.isCode("00"))
    }

    @Test(arguments: [
        ("51 - REIMS", "51454", "51"), ("46 - CAHORS", "", "46"), ("75 - Paris (Dept.)", "", "75"),
        ("53 - Mayenne", "", "53"), ("53 - MAYENNE", "53147", "53"), ("France", "", ""),
        ("07 - Ardèche, Isère & Drôme", "", "07"), ("Luxembourg (Frontalier)", "", ""),
        ("974 - Réunion", "", "974"), ("75 - PARIS 11", "75111", "75"), ("Québec Canada", "", ""),
    ])
    func labelsTellCommunesFromDepartments(label: String, insee: String, department: String) {
        let place = PlaceClues(label: label).place(in: Self.table)
        #expect(place?.insee == insee)
        #expect(place?.department == department)
        #expect(place?.label == label)
        #expect((place?.point != nil) == !insee.isEmpty)
    }

    @Test(arguments: [
        ("ROUEN", "76540"), ("PARIS 01", "75101"), ("Paris 75001", "75056"), ("Lyon", "69123"),
        ("8 Rue des Orangers,  51100 Reims, France", "51454"), ("Poitiers (86)", "86194"),
        ("126 RUE DE L'UNIVERSITE 75007 PARIS", "75107"), ("75001 BRIANCON", "05023"),
        ("Bridgwater", ""), ("", ""), ("Reims 51100", "51454"),
    ])
    func addressesAreRead(address: String, insee: String) {
        #expect((PlaceClues(address: address).place(in: Self.table)?.insee ?? "") == insee)
    }

    @Test func coordinatesAreCheckedAgainstTheCommune() throws {
        var clues = PlaceClues(label: "51 - REIMS")
        let reims = try #require(Self.table.commune(insee: "51454")).point
        func point(_ latitude: Double, _ longitude: Double) -> Point? {
            clues.latitude = latitude
            clues.longitude = longitude
            return clues.place(in: Self.table)?.point.map { Point($0) }
        }
        #expect(point(49.2, 4.1) == Point(latitude: 49.2, longitude: 4.1))
        #expect(point(4.1, 49.2) == Point(latitude: 49.2, longitude: 4.1))
        #expect(point(0, 0) == reims)
        #expect(point(43.3, 5.4) == reims)
        #expect(point(490, 4.1) == reims)
    }

    @Test func coordinatesAloneAreKeptIfTheyAreOnEarth() {
        var clues = PlaceClues()
        clues.latitude = 4.85
        clues.longitude = 45.76
        #expect(clues.place(in: Self.table)?.point == GeoPoint(latitude: 45.76, longitude: 4.85))
        clues.longitude = 200
        #expect(clues.place(in: Self.table) == nil)
    }

    @Test func lostZerosOfPostalCodesArePutBack() {
        var clues = PlaceClues()
        clues.postalCode = "1000"
        #expect(clues.place(in: Self.table)?.department == "01")
        clues.postalCode = "330000"
        #expect(clues.place(in: Self.table) == nil)
    }

    @Test func abroadCodesMeanNothing() {
        var clues = PlaceClues()
        clues.isAbroad = true
        clues.city = "Mainz"
        clues.postalCode = "55118"
        clues.department = "55"
        clues.label = "Mainz (DE)"
        #expect(clues.place(in: Self.table) == OfferPlace(label: "Mainz (DE)"))
    }

    @Test func distancesAreThoseOfTheGlobe() {
        let paris = Point(latitude: 48.8566, longitude: 2.3522)
        let marseille = Point(latitude: 43.2965, longitude: 5.3698)
        #expect(abs(paris.metres(to: marseille) - 660_500) < 1_000)
        #expect(paris.metres(to: paris) == 0)
    }
}
