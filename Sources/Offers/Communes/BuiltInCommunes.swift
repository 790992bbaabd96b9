import Reference

/// The 300 largest communes and the districts of Paris, Lyon and Marseille.
///
/// They are what places mean until a file of communes is imported.
enum BuiltInCommunes {
    /// One commune under each of its postal codes.
    static let all: [Commune] = LargeCommune.all.flatMap { commune in
        commune.postalCodes.map { postalCode in
            Commune(
                insee: commune.insee,
                name: commune.name,
                postalCode: postalCode,
                department: commune.department,
                point: Point(latitude: commune.latitude, longitude: commune.longitude),
                population: commune.population
            )
        }
    }
}
