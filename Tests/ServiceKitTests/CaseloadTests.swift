import Contracts
import RPC
import ServiceKit
import Storage
import Testing

@Suite struct CaseloadTests {
    private static let structure = Structure(id: "s", name: "S", timeZone: "Indian/Reunion")

    private func change(_ body: some ProtobufMessage, _ sequence: UInt64) throws -> Change {
        Change(sequence: sequence, kind: type(of: body).fullName, body: try body.serializedBytes())
    }

    private func database(counsellor: String = "c") async throws -> Database {
        let database = try Database.inMemory(migrations: [Caseload.migration])
        let changes = [
            try change(StructureChanged(structure: Self.structure), 1),
            try change(
                CounsellorChanged(counsellor: Person(id: counsellor, structure: Self.structure)),
                2
            ),
            try change(person(counsellor: counsellor), 3),
        ]
        try await database.write { transaction in
            for change in changes { try Caseload.apply(change, in: transaction) }
        }
        return database
    }

    private func person(counsellor: String) -> YoungPersonChanged {
        YoungPersonChanged(
            youngPerson: Person(
                id: "y",
                firstName: "F",
                lastName: "L",
                structure: Self.structure,
                counsellorID: counsellor
            )
        )
    }

    @Test(arguments: [Caller.youngPerson("y"), .counsellor("c")])
    func theTwoOfThemSeeIt(caller: Caller) async throws {
        let member = try await database().read { try Caseload.member("y", for: caller, in: $0) }
        #expect(member.timeZone == "Indian/Reunion")
        #expect(member.counsellorID == "c")
    }

    @Test(arguments: [
        Caller.youngPerson("z"), .counsellor("d"), .visitor, .operator, .supervisor("c"),
        .service("agenda"),
    ])
    func nobodyElseDoes(caller: Caller) async throws {
        let database = try await database()
        for id in ["y", "unknown"] {
            let error = await #expect(throws: RPCError.self) {
                try await database.read { try Caseload.member(id, for: caller, in: $0) }
            }
            #expect(error?.code == .permissionDenied)
        }
    }

    @Test func anotherCounsellorTakesOver() async throws {
        let database = try await database()
        let moved = try change(person(counsellor: "d"), 4)
        try await database.write { try Caseload.apply(moved, in: $0) }
        let members = try await database.read { reader in
            (
                try Caseload.members(of: "c", in: reader).count,
                try Caseload.members(of: "d", in: reader).count
            )
        }
        #expect(members == (0, 1))
    }

    @Test func theCounsellorsZoneIsTheStructures() async throws {
        let zone = try await database().read { try Caseload.timeZone(ofCounsellor: "c", in: $0) }
        #expect(zone == "Indian/Reunion")
    }
}
