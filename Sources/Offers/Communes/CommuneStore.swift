import Storage

/// The only reader and writer of the `commune` table.
struct CommuneStore: Sendable {
    let database: Database

    /// All communes; none before the first import.
    func all() async throws -> [Commune] {
        try await database.read { reader in
            try reader.rows(
                """
                SELECT insee, postal_code, name, department, latitude, longitude, population
                FROM commune
                """
            ).map { row in
                Commune(
                    insee: try row.text("insee"),
                    name: try row.text("name"),
                    postalCode: try row.text("postal_code"),
                    department: try row.text("department"),
                    point: Point(
                        latitude: try row.real("latitude"),
                        longitude: try row.real("longitude")
                    ),
                    population: Int(try row.int("population"))
                )
            }
        }
    }

    /// Replaces the whole table.
    func replace(with communes: [Commune]) async throws {
        try await database.write { transaction in
            try transaction.execute("DELETE FROM commune")
            for commune in communes {
                try transaction.execute(
                    """
                    INSERT INTO commune
                        (insee, postal_code, name, department, latitude, longitude, population)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                    [
                        .text(commune.insee), .text(commune.postalCode), .text(commune.name),
                        .text(commune.department), .real(commune.point.latitude),
                        .real(commune.point.longitude), .integer(Int64(commune.population)),
                    ]
                )
            }
        }
    }
}
