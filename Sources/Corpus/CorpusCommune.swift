import Reference

/// A commune in which offers can be.
public struct CorpusCommune: Sendable {
    let insee: [UInt8]
    let name: [UInt8]
    /// "REIMS", "PARIS 15".
    let shouted: [UInt8]
    let postalCode: [UInt8]
    let department: [UInt8]
    /// Millionths of degrees.
    let latitude: Int
    let longitude: Int
    let population: Int
    /// The code of the whole city that offers of its districts often bear.
    let cityCode: StaticString?

    /// A commune as the lists have it.
    ///
    /// - Parameters:
    ///   - insee: its code, "51454".
    ///   - name: with its article.
    ///   - postalCode: one of its postal codes.
    ///   - department: "51", "2A", "974".
    ///   - latitude: degrees, WGS 84.
    ///   - longitude: degrees, WGS 84.
    ///   - population: inhabitants, which is how often it is drawn.
    public init(
        insee: String,
        name: String,
        postalCode: String,
        department: String,
        latitude: Double,
        longitude: Double,
        population: Int
    ) {
        self.insee = Texts.cleaned(insee)
        self.name = Texts.cleaned(name)
        shouted = Self.shouted(name)
        self.postalCode = Texts.cleaned(postalCode)
        self.department = Texts.cleaned(department)
        self.latitude = Int((latitude * 1_000_000).rounded())
        self.longitude = Int((longitude * 1_000_000).rounded())
        self.population = population
        cityCode =
            if insee.hasPrefix("751") {
                "75056"
            } else if insee.hasPrefix("132") {
                "13055"
            } else if insee.hasPrefix("6938") {
                "69123"
            } else {
                nil
            }
    }

    /// "Paris 1er Arrondissement" becomes "PARIS 01".
    private static func shouted(_ name: String) -> [UInt8] {
        let words = name.split(separator: " ")
        guard words.last == "Arrondissement", words.count == 3,
            let number = Int(words[1].prefix(while: \.isNumber))
        else {
            let capitals = name.uppercased().replacing("-", with: " ")
            return Texts.cleaned(capitals)
        }
        return Texts.cleaned("\(words[0].uppercased()) \(number < 10 ? "0" : "")\(number)")
    }

    /// The largest communes, built in; Paris, Lyon and Marseille by district.
    public static let builtIn: [CorpusCommune] = LargeCommune.all.map { commune in
        CorpusCommune(
            insee: commune.insee,
            name: commune.name,
            postalCode: commune.postalCodes.first ?? "",
            department: commune.department,
            latitude: commune.latitude,
            longitude: commune.longitude,
            population: isWholeCity(commune.insee) ? 0 : commune.population
        )
    }

    /// Whether a code stands for a city whose districts are in the list as well.
    static func isWholeCity(_ insee: some StringProtocol) -> Bool {
        ["75056", "13055", "69123"].contains { $0 == insee }
    }

    /// Reads the file that `pe import communes` takes.
    ///
    /// - Returns: each commune once, under its first postal code; `nil` if a line is malformed or
    ///   nobody lives anywhere.
    public static func read(csv: String) -> [CorpusCommune]? {
        var communes: [CorpusCommune] = []
        var known: Set<Substring> = []
        for line in csv.split(whereSeparator: \.isNewline).dropFirst() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count == 8, let latitude = Double(fields[5]),
                let longitude = Double(fields[6]), let population = Int(fields[7]),
                (-90...90).contains(latitude), (-180...180).contains(longitude),
                (0...100_000_000).contains(population)
            else { return nil }
            guard known.insert(fields[0]).inserted else { continue }
            communes.append(
                CorpusCommune(
                    insee: String(fields[0]),
                    name: String(fields[1]),
                    postalCode: String(fields[2]),
                    department: String(fields[3]),
                    latitude: latitude,
                    longitude: longitude,
                    population: isWholeCity(fields[0]) ? 0 : population
                )
            )
        }
        return communes.contains { $0.population > 0 } ? communes : nil
    }
}
