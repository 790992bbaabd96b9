/// One of the 300 largest communes, or a district of Paris, Lyon or Marseille.
public struct LargeCommune: Sendable, Equatable {
    /// INSEE code: "51454", "2A004".
    public let insee: String
    /// With its article: "Le Mans".
    public let name: String
    /// All of its postal codes.
    public let postalCodes: [String]
    /// "51", "2A", "974".
    public let department: String
    /// Degrees, WGS 84.
    public let latitude: Double
    /// Degrees, WGS 84.
    public let longitude: Double
    /// Inhabitants.
    public let population: Int

    private static let lines = ReferenceText.lines(ReferenceText.communes)

    /// The communes, largest first, then the districts.
    public static let all: [LargeCommune] = lines.map { line in
        let fields = line.split(separator: ",").map(String.init)
        guard fields.count == 7, let latitude = Double(fields[4]),
            let longitude = Double(fields[5]), let population = Int(fields[6])
        else { preconditionFailure("a commune of communes.txt is malformed: \(line)") }
        return LargeCommune(
            insee: fields[0],
            name: fields[1],
            postalCodes: fields[2].split(separator: " ").map(String.init),
            department: fields[3],
            latitude: latitude,
            longitude: longitude,
            population: population
        )
    }
}
