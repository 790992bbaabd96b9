import Contracts
import RPC
import ServiceKit
import Storage

/// Young people of one structure, as accounts' feed would have told them.
struct Population {
    let count: Int

    private static let perTransaction = 1_000

    static func id(_ number: Int) -> String { text(number, "0190b6e0-0000-7000-8000-") }
    static func searchID(_ number: Int) -> String { text(number, "0190b6e0-0000-7000-9000-") }

    /// Brings them into the copy of the caseloads.
    func store(in database: Database) async throws {
        let structure = Structure(id: "structure", name: "S", timeZone: "Europe/Paris")
        try await apply([StructureChanged(structure: structure)], to: database)
        for start in stride(from: 0, to: count, by: Self.perTransaction) {
            let people = (start..<min(count, start + Self.perTransaction)).map { number in
                YoungPersonChanged(
                    youngPerson: Person(
                        id: Self.id(number),
                        role: .youngPerson,
                        firstName: "A",
                        lastName: "B",
                        structure: structure,
                        counsellorID: "counsellor"
                    )
                )
            }
            try await apply(people, to: database)
        }
    }

    private func apply(_ bodies: [any ProtobufMessage], to database: Database) async throws {
        let changes = try bodies.map { body in
            Change(kind: type(of: body).fullName, body: try body.serializedBytes())
        }
        try await database.write { transaction in
            for change in changes { try Caseload.apply(change, in: transaction) }
        }
    }

    private static func text(_ number: Int, _ beginning: String) -> String {
        let digits = String(number, radix: 16)
        return beginning + String(repeating: "0", count: 12 - digits.count) + digits
    }
}
