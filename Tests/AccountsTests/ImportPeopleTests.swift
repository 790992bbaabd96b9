@testable import Accounts
import Contracts
import RPC
import ServiceKit
import Storage
import Testing

/// Bringing people in from a file.
@Suite struct ImportPeopleTests {
    private static let header =
        "kind,id,name,first_name,last_name,email,time_zone,structure,counsellor"

    @Test func aGoodFileIsStoredAndToldInOrder() async throws {
        try await withAccounts { accounts in
            let counts = try await accounts.load(AccountsHarness.people)
            #expect(counts == ImportPeopleResponse(created: 5))
            let feed = try await accounts.feed()
            #expect(
                feed.map(\.kind) == [
                    StructureChanged.fullName, CounsellorChanged.fullName,
                    CounsellorChanged.fullName, YoungPersonChanged.fullName,
                    YoungPersonChanged.fullName,
                ]
            )
            let last = try #require(feed.last)
            #expect(last.youngPersonID == AccountsHarness.othersYoungPerson)
            #expect(last.counsellorID == AccountsHarness.otherCounsellor)
            #expect(
                try YoungPersonChanged(serializedBytes: last.body).youngPerson
                    == Person(
                        id: AccountsHarness.othersYoungPerson,
                        role: .youngPerson,
                        firstName: "Sacha",
                        lastName: "Jeune",
                        email: "a2@example.org",
                        structure: Structure(
                            id: AccountsHarness.structure,
                            name: "Mission locale",
                            timeZone: "Europe/Paris"
                        ),
                        counsellorID: AccountsHarness.otherCounsellor
                    )
            )
        }
    }

    @Test(arguments: [1, 7, 100_000])
    func theSameFileAgainChangesNothing(pieceBytes: Int) async throws {
        try await withPeople { accounts in
            let people = try await accounts.people()
            let feed = try await accounts.feed()
            let counts = try await accounts.load(AccountsHarness.people, pieceBytes: pieceBytes)
            #expect(counts == ImportPeopleResponse(same: 5))
            #expect(try await accounts.people() == people)
            #expect(try await accounts.feed() == feed)
        }
    }

    @Test func linesMayComeInAnyOrderAndWithoutIDs() async throws {
        try await withAccounts { accounts in
            let file = """
                \u{FEFF}email,kind,counsellor,structure,name,time_zone,last_name,first_name\r
                a@example.org,young_person,C@EXAMPLE.ORG,,,,"Nom
                de deux lignes",A\r

                """
            // A line break inside a name is a control character; all else about the file is good.
            let refused = await failure { try await accounts.load(file) }
            #expect(refused?.code == .invalidArgument)

            let good = """
                \u{FEFF}email,kind,counsellor,structure,name,time_zone,last_name,first_name\r
                a@example.org,young_person,C@EXAMPLE.ORG,,,,"Nom, composé",A\r
                c@example.org,counsellor,,MISSION LOCALE,,,"d""Un",C\r
                ,structure,,,"Mission locale",Indian/Reunion,,\r
                """
            #expect(try await accounts.load(good) == ImportPeopleResponse(created: 3))
            #expect(try await accounts.load(good) == ImportPeopleResponse(same: 3))
            let people = try await accounts.people()
            #expect(Set(people.map(\.lastName)) == ["Nom, composé", "d\"Un"])
            #expect(people.allSatisfy { $0.structure?.timeZone == "Indian/Reunion" })
        }
    }

    @Test func referencesReachWhatIsStored() async throws {
        try await withPeople { accounts in
            let counts = try await accounts.load(
                """
                kind,first_name,last_name,email,structure,counsellor
                counsellor,C,Trois,c3@example.org,mission locale,
                young_person,J,Trois,a3@example.org,,c1@example.org
                """
            )
            #expect(counts == ImportPeopleResponse(created: 2))
        }
    }

    @Test func aChangedCounsellorMovesTheYoungPerson() async throws {
        try await withPeople { accounts in
            try await accounts.activate(AccountsHarness.youngPerson, email: "a1@example.org")
            let counts = try await accounts.load(
                """
                kind,first_name,last_name,email,counsellor
                young_person,Alix,Jeune,a1@example.org,c2@example.org
                young_person,Sacha,Jeune,a2@example.org,c2@example.org
                """
            )
            #expect(counts == ImportPeopleResponse(changed: 1, same: 1))
            let change = try #require(try await accounts.feed().last)
            #expect(change.counsellorID == AccountsHarness.otherCounsellor)
            let person = try #require(
                try YoungPersonChanged(serializedBytes: change.body).youngPerson
            )
            #expect(person.id == AccountsHarness.youngPerson)
            #expect(person.counsellorID == AccountsHarness.otherCounsellor)
            #expect(person.activated)
            let error = await failure {
                try await accounts.gateway.renewActivationCode(
                    RenewActivationCodeRequest(personID: AccountsHarness.youngPerson),
                    options: accounts.options(.counsellor(AccountsHarness.counsellor))
                )
            }
            #expect(error?.code == .permissionDenied)
            // The password stayed.
            _ = try await accounts.signIn("a1@example.org")
        }
    }

    @Test func aStructuresNewZoneIsOneChange() async throws {
        try await withPeople { accounts in
            let before = try await accounts.feed().count
            let counts = try await accounts.load(
                "kind,id,name,time_zone\nstructure,\(AccountsHarness.structure),Agence,Pacific/Noumea"
            )
            #expect(counts == ImportPeopleResponse(changed: 1))
            #expect(
                try await accounts.feed().dropFirst(before).map(\.kind)
                    == [StructureChanged.fullName]
            )
            #expect(
                try await accounts.people().allSatisfy { $0.structure?.name == "Agence" }
            )
        }
    }

    @Test func addressesAndNamesCanBeExchanged() async throws {
        try await withPeople { accounts in
            let second = "00000000-0000-7000-8000-000000000052"
            try await accounts.load(
                "kind,id,name,time_zone\nstructure,\(second),Agence,Europe/Paris"
            )
            let counts = try await accounts.load(
                """
                \(Self.header)
                structure,\(second),Mission locale,,,,Europe/Paris,,
                structure,\(AccountsHarness.structure),Agence,,,,Europe/Paris,,
                counsellor,\(AccountsHarness.counsellor),,Claude,Un,c2@example.org,,Agence,
                counsellor,\(AccountsHarness.otherCounsellor),,Dominique,Deux,c1@example.org,,Agence,
                """
            )
            #expect(counts == ImportPeopleResponse(changed: 4))
            let people = try await accounts.people().filter { $0.role == .counsellor }
            #expect(people.map(\.email) == ["c2@example.org", "c1@example.org"])
            #expect(people.map(\.structure?.name) == ["Agence", "Agence"])
        }
    }

    @Test func aCaseloadHasAnEnd() async throws {
        try await withPeople { accounts in
            var lines = [Self.header]
            for index in 0..<500 {
                lines.append("young_person,,,J,N,j\(index)@example.org,,,c1@example.org")
            }
            let error = await failure { try await accounts.load(lines.joined(separator: "\n")) }
            #expect(error?.message.hasPrefix("Line 2: counsellor would have more than 500") == true)
            #expect(try await accounts.people().count == 4)
            lines.removeLast()
            try await accounts.load(lines.joined(separator: "\n"))
            let full = await failure {
                try await accounts.gateway.createYoungPerson(
                    CreateYoungPersonRequest(
                        id: "00000000-0000-7000-8000-0000000000b7",
                        firstName: "J",
                        lastName: "N",
                        email: "un.de.trop@example.org"
                    ),
                    options: accounts.options(.counsellor(AccountsHarness.counsellor))
                )
            }
            #expect(full?.code == .failedPrecondition)
        }
    }

    @Test func aHundredThousandPeopleComeInFromOneFile() async throws {
        try await withAccounts { accounts in
            let file = LargeFile(counsellors: 2_500, youngPeopleOfEach: 39)
            let first = try await accounts.load(file.bytes)
            #expect(first == ImportPeopleResponse(created: 100_001))
            let second = try await accounts.load(file.bytes)
            #expect(second == ImportPeopleResponse(same: 100_001))
            #expect(accounts.database.feedHead == 100_001)
        }
    }
}

/// A file of many people, the young people before their counsellors.
struct LargeFile {
    let bytes: [UInt8]

    init(counsellors: Int, youngPeopleOfEach: Int) {
        var text = "kind,first_name,last_name,email,structure,counsellor,name,time_zone\n"
        for counsellor in 0..<counsellors {
            for person in 0..<youngPeopleOfEach {
                let email = "j\(counsellor).\(person)@example.org"
                text += "young_person,Prénom,Nom\(person),\(email),,c\(counsellor)@example.org,,\n"
            }
            text += "counsellor,Prénom,Nom,c\(counsellor)@example.org,Mission,,,\n"
        }
        text += "structure,,,,,,Mission,Europe/Paris\n"
        bytes = Array(text.utf8)
    }
}
