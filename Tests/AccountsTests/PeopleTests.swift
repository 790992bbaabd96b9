@testable import Accounts
import Contracts
import RPC
import ServiceKit
import Storage
import Testing

/// Accounts made and listed by those who may.
@Suite struct PeopleTests {
    private let counsellor = Caller.counsellor(AccountsHarness.counsellor)
    private let request = CreateYoungPersonRequest(
        id: "00000000-0000-7000-8000-0000000000B7",
        firstName: "Noé",
        lastName: "Nouveau",
        email: "Nouveau@example.org"
    )

    private func create(
        _ accounts: AccountsHarness,
        _ request: CreateYoungPersonRequest,
        as caller: Caller = .counsellor(AccountsHarness.counsellor)
    ) async throws -> CreateYoungPersonResponse {
        try await accounts.gateway.createYoungPerson(request, options: accounts.options(caller))
    }

    @Test func aCounsellorCreatesAnAccountThatCanBeActivated() async throws {
        try await withPeople { accounts in
            let created = try await create(accounts, request)
            let person = try #require(created.person)
            #expect(person.id == request.id.lowercased())
            #expect(person.role == .youngPerson)
            #expect(person.counsellorID == AccountsHarness.counsellor)
            #expect(person.structure?.id == AccountsHarness.structure)
            #expect(!person.activated)

            let change = try #require(try await accounts.feed().last)
            #expect(change.youngPersonID == person.id)
            #expect(change.counsellorID == AccountsHarness.counsellor)
            #expect(change.at == AccountsHarness.start)
            #expect(try YoungPersonChanged(serializedBytes: change.body).youngPerson == person)

            let response = try await accounts.gateway.activate(
                ActivateRequest(
                    email: request.email,
                    activationCode: created.activationCode,
                    password: AccountsHarness.password
                )
            )
            #expect(response.person?.id == person.id)
        }
    }

    @Test func theSameRequestAgainIsTheSameSuccessWithoutACode() async throws {
        try await withPeople { accounts in
            let first = try await create(accounts, request)
            let feed = try await accounts.feed()
            let second = try await create(accounts, request)
            #expect(second.person == first.person)
            #expect(second.activationCode.isEmpty)
            #expect(second.codeExpiresMs == first.codeExpiresMs)
            #expect(try await accounts.feed() == feed)
            // The first code still works.
            _ = try await accounts.gateway.activate(
                ActivateRequest(
                    email: request.email,
                    activationCode: first.activationCode,
                    password: AccountsHarness.password
                )
            )
            #expect(try await create(accounts, request).person?.activated == true)
        }
    }

    @Test func otherContentAndAddressesInUseAreRefused() async throws {
        try await withPeople { accounts in
            _ = try await create(accounts, request)
            var other = request
            other.firstName = "Noa"
            #expect(await failure { try await create(accounts, other) }?.code == .alreadyExists)
            let stranger = Caller.counsellor(AccountsHarness.otherCounsellor)
            #expect(
                await failure { try await create(accounts, request, as: stranger) }?.code
                    == .alreadyExists
            )
            var sameAddress = request
            sameAddress.id = "00000000-0000-7000-8000-0000000000b8"
            sameAddress.email = "A2@EXAMPLE.ORG"
            #expect(
                await failure { try await create(accounts, sameAddress) }?.code == .alreadyExists
            )
            #expect(try await accounts.people().count == 5)
        }
    }

    @Test(arguments: [
        ("id", "not an id"), ("first_name", ""), ("first_name", " "), ("first_name", "a\nb"),
        ("last_name", String(repeating: "é", count: 101)), ("email", "nouveau"),
        ("email", "a@b"), ("email", "a b@example.org"), ("email", "a@b@example.org"),
        ("email", ".a@example.org"), ("email", "a..b@example.org"), ("email", "a@-b.org"),
        ("email", "é@example.org"), ("email", String(repeating: "a", count: 65) + "@example.org"),
        ("email", "a@" + String(repeating: "abcdefghi.", count: 26) + "org"),
    ])
    func badFieldsAreNamedAndNothingIsStored(field: String, value: String) async throws {
        try await withPeople { accounts in
            var bad = request
            switch field {
            case "id": bad.id = value
            case "first_name": bad.firstName = value
            case "last_name": bad.lastName = value
            default: bad.email = value
            }
            let error = await failure { try await create(accounts, bad) }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.hasPrefix(field) == true)
            let people = try await accounts.people()
            #expect(people.count == 4)
        }
    }

    @Test func onlyACounsellorsAccountHasACaseload() async throws {
        try await withPeople { accounts in
            let error = await failure {
                try await create(accounts, request, as: .counsellor(AccountsHarness.youngPerson))
            }
            #expect(error?.code == .permissionDenied)
        }
    }

    @Test func theCaseloadIsSortedAsAReaderExpects() async throws {
        try await withPeople { accounts in
            let names = [("Zoé", "Élan"), ("Ana", "Eland"), ("Ana", "zèbre"), ("Éric", "Elan")]
            for (index, name) in names.enumerated() {
                _ = try await create(
                    accounts,
                    CreateYoungPersonRequest(
                        id: "00000000-0000-7000-8000-0000000001b\(index)",
                        firstName: name.0,
                        lastName: name.1,
                        email: "n\(index)@example.org"
                    )
                )
            }
            let listed = try await accounts.gateway.listCaseload(
                ListCaseloadRequest(),
                options: accounts.options(counsellor)
            ).youngPeople
            #expect(
                listed.map { "\($0.lastName) \($0.firstName)" } == [
                    "Elan Éric", "Élan Zoé", "Eland Ana", "Jeune Alix", "zèbre Ana",
                ]
            )
        }
    }

    @Test func peopleAreListedPageByPage() async throws {
        try await withPeople { accounts in
            var ids: [String] = []
            var cursor = ""
            repeat {
                let page = try await accounts.operators.listPeople(
                    ListPeopleRequest(cursor: cursor, limit: 3)
                )
                ids += page.people.map(\.id)
                cursor = page.next
            } while !cursor.isEmpty
            #expect(
                ids == [
                    AccountsHarness.youngPerson, AccountsHarness.othersYoungPerson,
                    AccountsHarness.counsellor, AccountsHarness.otherCounsellor,
                ]
            )
            let counsellors = try await accounts.operators.listPeople(
                ListPeopleRequest(limit: 2, role: .counsellor)
            )
            #expect(counsellors.people.map(\.role) == [.counsellor, .counsellor])
            #expect(counsellors.next.isEmpty)
        }
    }

    @Test func theGatewaysPeopleAreNoOperators() async throws {
        try await withPeople { accounts in
            for caller in [counsellor, .youngPerson(AccountsHarness.youngPerson)] {
                let listed = await failure {
                    try await accounts.gateway.listPeople(
                        ListPeopleRequest(),
                        options: accounts.options(caller)
                    )
                }
                #expect(listed?.code == .permissionDenied)
            }
            let created = await failure {
                try await create(
                    accounts,
                    request,
                    as: .youngPerson(AccountsHarness.youngPerson)
                )
            }
            #expect(created?.code == .permissionDenied)
        }
    }

    @Test func badPagesAreRefused() async throws {
        try await withPeople { accounts in
            for request in [
                ListPeopleRequest(limit: 501), ListPeopleRequest(cursor: "é"),
                ListPeopleRequest(role: .unrecognized(77)),
            ] {
                let error = await failure { try await accounts.operators.listPeople(request) }
                #expect(error?.code == .invalidArgument)
            }
        }
    }

    @Test func everyoneLearnsWhoTheyAre() async throws {
        try await withPeople { accounts in
            let me = try await accounts.gateway.getMe(
                GetMeRequest(),
                options: accounts.options(counsellor)
            )
            #expect(me.email == "c1@example.org")
            #expect(me.counsellorID.isEmpty)
            let nobody = await failure {
                try await accounts.gateway.getMe(
                    GetMeRequest(),
                    options: accounts.options(
                        .youngPerson("00000000-0000-7000-8000-00000000dead")
                    )
                )
            }
            #expect(nobody?.code == .unauthenticated)
        }
    }
}
