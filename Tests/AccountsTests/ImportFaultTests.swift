@testable import Accounts
import Contracts
import RPC
import Storage
import Testing

/// What a refused file is told.
@Suite struct ImportFaultTests {
    /// Lines of a file whose other lines are good.
    struct BadLines: Sendable, CustomTestStringConvertible {
        let lines: String
        let faults: [(line: UInt32, field: String)]

        init(_ lines: String, _ faults: (UInt32, String)...) {
            self.lines = lines
            self.faults = faults.map { (line: $0.0, field: $0.1) }
        }

        var testDescription: String { lines }
    }

    private static let known = AccountsHarness.self

    private static let badLines: [BadLines] = [
        BadLines("person,,,A,B,x@example.org,,,", (7, "kind")),
        BadLines("structure,x,Agence,,,,Europe/Paris,,", (7, "id")),
        BadLines("structure,,,,,,Europe/Paris,,", (7, "name")),
        BadLines("structure,,Agence,,,,GMT+1,,", (7, "time_zone")),
        BadLines("structure,,Agence,,,,Europe/Atlantis,,", (7, "time_zone")),
        BadLines(
            "structure,,Agence,A,,x@example.org,Europe/Paris,,",
            (7, "first_name"),
            (7, "email")
        ),
        BadLines("counsellor,,,,B,x@example.org,,Mission locale,", (7, "first_name")),
        BadLines("counsellor,,,A,\u{7},x@example.org,,Mission locale,", (7, "last_name")),
        BadLines("counsellor,,,A,B,example.org,,Mission locale,", (7, "email")),
        BadLines("counsellor,,,A,B,x@example.org,,,", (7, "structure")),
        BadLines("counsellor,,,A,B,x@example.org,,Nulle part,", (7, "structure")),
        BadLines(
            "counsellor,,,A,B,x@example.org,,00000000-0000-7000-8000-00000000dead,",
            (7, "structure")
        ),
        BadLines(
            "counsellor,,,A,B,x@example.org,,Mission locale,c1@example.org",
            (7, "counsellor")
        ),
        BadLines("young_person,,,A,B,x@example.org,,,", (7, "counsellor")),
        BadLines("young_person,,,A,B,x@example.org,,,x@example.org", (7, "counsellor")),
        BadLines("young_person,,,A,B,x@example.org,,,a1@example.org", (7, "counsellor")),
        BadLines("young_person,,,A,B,x@example.org,,,nobody@example.org", (7, "counsellor")),
        BadLines("young_person,,,A,B,A2@example.org,,,c1@example.org", (7, "email")),
        BadLines("structure,,mission LOCALE,,,,Europe/Paris,,", (7, "name")),
        BadLines(
            "counsellor,\(known.youngPerson),,A,B,x@example.org,,Mission locale,",
            (7, "id")
        ),
        BadLines("structure,,Agence,,,,Europe/Paris", (7, "")),
        BadLines("structure,,Ag\"ence,,,,Europe/Paris,,", (7, "")),
        BadLines("structure,,\"Agence,,,,Europe/Paris,,\n\n", (7, "")),
        // The second fault stands behind a quoted line break and a blank line.
        BadLines(
            "structure,,\"a\nb\",,,,Europe/Paris,,\n\nstructure,,Agence,,,,Paris,,",
            (7, "name"),
            (10, "time_zone")
        ),
    ]

    @Test(arguments: badLines)
    func badLinesAreNamedAndNothingIsStored(bad: BadLines) async throws {
        try await withAccounts { accounts in
            let error = await failure {
                try await accounts.load(AccountsHarness.people + "\n" + bad.lines)
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.hasPrefix("Line \(bad.faults[0].line)") == true)
            #expect(error?.message.contains("nothing was stored") == true)
            let faults = try faults(error)
            #expect(faults.map(\.line) == bad.faults.map(\.line), "\(faults)")
            #expect(faults.map(\.field) == bad.faults.map(\.field), "\(faults)")
            #expect(faults.allSatisfy { !$0.mend.isEmpty })
            #expect(try await accounts.people().isEmpty)
            #expect(accounts.database.feedHead == 0)
        }
    }

    @Test func whatIsStoredSetsLimitsToo() async throws {
        try await withPeople { accounts in
            let people = try await accounts.people()
            let error = await failure {
                try await accounts.load(
                    """
                    kind,id,name,first_name,last_name,email,time_zone,structure,counsellor
                    counsellor,,,A,B,a1@example.org,,Mission locale,
                    counsellor,00000000-0000-7000-8000-0000000000e1,,A,B,c1@example.org,,Mission locale,
                    structure,00000000-0000-7000-8000-0000000000e2,MISSION locale,,,,Europe/Paris,,
                    young_person,,,A,B,x@example.org,,,a2@example.org
                    """
                )
            }
            let faults = try faults(error)
            #expect(faults.map(\.line) == [2, 3, 4, 5])
            #expect(faults.map(\.field) == ["kind", "email", "name", "counsellor"])
            #expect(try await accounts.people() == people)
        }
    }

    @Test(arguments: [
        "", "\n\n", "kind;id;name", "kind,nom", "kind,id,kind", "id,name", "\"kind",
    ])
    func aBadHeaderIsAFaultOfItsLine(header: String) async throws {
        try await withAccounts { accounts in
            let error = await failure { try await accounts.load(header + "\nstructure,,") }
            let lines = try faults(error).map(\.line)
            // Behind blank lines the header is the first line with text.
            #expect(lines.first == (header.hasPrefix("\n") ? 4 : header.isEmpty ? 2 : 1))
        }
    }

    @Test func anEmptyFileHasNoHeader() async throws {
        try await withAccounts { accounts in
            let error = await failure { try await accounts.load("") }
            #expect(try faults(error).map(\.line) == [1])
            let counts = try await accounts.load("kind\n")
            #expect(counts == ImportPeopleResponse())
        }
    }

    @Test func aHundredFaultsAreNamedAndFitIntoOneAnswer() async throws {
        try await withAccounts { accounts in
            let lines = (0..<5_000).map { "counsellor,,,A,B,\($0),,Mission," }
            let file = ([AccountsHarness.people] + lines).joined(separator: "\n")
            let error = await failure { try await accounts.load(file) }
            let faults = try faults(error)
            #expect((80...100).contains(faults.count))
            #expect(faults.map(\.line) == (7..<(7 + UInt32(faults.count))).map { $0 })
            #expect(error?.message.contains("More than \(faults.count) faults") == true)
        }
    }

    @Test func piecesAboveTheirBoundAreRefused() async throws {
        try await withAccounts { accounts in
            let error = await failure {
                try await accounts.load(
                    [UInt8](repeating: 10, count: 300_000),
                    pieceBytes: 300_000
                )
            }
            #expect(error?.message.hasPrefix("csv must be at most 256 KiB") == true)
        }
    }

    private func faults(_ error: RPCError?) throws -> [ImportFault] {
        try (error?.details ?? []).map { detail in
            #expect(detail.type == ImportFault.fullName)
            return try ImportFault(serializedBytes: detail.value)
        }
    }
}
