import Contracts
import Storage

/// The only reader and writer of the `structure` table.
enum StructureStore {
    /// The form in which names are compared: letter case aside.
    static func key(_ name: String) -> String { name.lowercased() }

    static func find(_ id: String, in queries: some Queries) throws -> Structure? {
        try queries.row("\(select) WHERE id = ?", [.text(id)]).map(structure)
    }

    /// The structures with these ids, by id.
    static func find(
        ids: some Collection<String>,
        in queries: some Queries
    ) throws
        -> [String: Structure]
    {
        var found: [String: Structure] = [:]
        try queries.forEachBatch(of: ids, "\(select) WHERE id IN") { row in
            let structure = try structure(row)
            found[structure.id] = structure
        }
        return found
    }

    /// The structures with these names, by id; each name as `key` answers it.
    static func find(
        keys: some Collection<String>,
        in queries: some Queries
    ) throws
        -> [String: Structure]
    {
        var found: [String: Structure] = [:]
        try queries.forEachBatch(of: keys, "\(select) WHERE name_key IN") { row in
            let structure = try structure(row)
            found[structure.id] = structure
        }
        return found
    }

    static func insert(_ structure: Structure, in transaction: Transaction) throws {
        try transaction.execute(
            "INSERT INTO structure (id, name, name_key, time_zone) VALUES (?, ?, ?, ?)",
            [
                .text(structure.id), .text(structure.name), .text(key(structure.name)),
                .text(structure.timeZone),
            ]
        )
    }

    static func update(_ structure: Structure, in transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE structure SET name = ?, name_key = ?, time_zone = ? WHERE id = ?",
            [
                .text(structure.name), .text(key(structure.name)), .text(structure.timeZone),
                .text(structure.id),
            ]
        )
    }

    /// Frees the name of a structure that is about to get another one, so that two structures can
    /// exchange their names.
    ///
    /// No name holds a control character, so that this one is free.
    static func releaseName(of id: String, in transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE structure SET name_key = ? WHERE id = ?",
            [.text("\u{1F}\(id)"), .text(id)]
        )
    }

    private static let select = "SELECT id, name, time_zone FROM structure"

    private static func structure(_ row: Row) throws -> Structure {
        Structure(
            id: try row.text("id"),
            name: try row.text("name"),
            timeZone: try row.text("time_zone")
        )
    }
}
