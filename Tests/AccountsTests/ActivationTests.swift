@testable import Accounts
import Contracts
import RPC
import ServiceKit
import Storage
import Testing

/// From the code on paper to the first session.
@Suite struct ActivationTests {
    private let person = AccountsHarness.youngPerson
    private let email = "a1@example.org"

    private func activate(
        _ accounts: AccountsHarness,
        _ code: String,
        email: String = "a1@example.org",
        password: String = AccountsHarness.password
    ) async throws -> SignInResponse {
        try await accounts.gateway.activate(
            ActivateRequest(email: email, activationCode: code, password: password, device: "d")
        )
    }

    @Test func aCodeBecomesAPasswordAndASession() async throws {
        try await withPeople { accounts in
            let renewed = try await accounts.gateway.renewActivationCode(
                RenewActivationCodeRequest(personID: person),
                options: accounts.options(.counsellor(AccountsHarness.counsellor))
            )
            #expect(renewed.activationCode.wholeMatch(of: /[2-9A-Z]{5}-[2-9A-Z]{5}/) != nil)
            #expect(
                renewed.codeExpiresMs == AccountsHarness.start.milliseconds + 7 * 86_400_000
            )
            let typed = " " + renewed.activationCode.lowercased().replacing("-", with: " – ")
            let response = try await activate(accounts, typed)
            #expect(response.person?.id == person)
            #expect(response.person?.activated == true)
            #expect(try await accounts.check(response.token).personID == person)
            _ = try await accounts.signIn(email)

            let change = try #require(try await accounts.feed().last)
            #expect(change.kind == YoungPersonChanged.fullName)
            let body = try YoungPersonChanged(serializedBytes: change.body)
            #expect(body.youngPerson?.activated == true)
        }
    }

    @Test func aCodeWorksOnce() async throws {
        try await withPeople { accounts in
            let code = try await accounts.code(for: person)
            _ = try await activate(accounts, code)
            let again = await failure { try await activate(accounts, code) }
            #expect(again?.code == .unauthenticated)
        }
    }

    @Test func aNewCodeEndsTheEarlierOne() async throws {
        try await withPeople { accounts in
            let first = try await accounts.code(for: person)
            let second = try await accounts.code(for: person)
            #expect(first != second)
            #expect(await failure { try await activate(accounts, first) }?.code == .unauthenticated)
            _ = try await activate(accounts, second)
        }
    }

    @Test func aCodeLastsSevenDaysAndNotAMillisecondMore() async throws {
        try await withPeople { accounts in
            let code = try await accounts.code(for: person)
            accounts.clock.move(by: .seconds(7 * 86_400) + .milliseconds(1))
            #expect(await failure { try await activate(accounts, code) }?.code == .unauthenticated)
            accounts.clock.move(by: .milliseconds(-1))
            _ = try await activate(accounts, code)
        }
    }

    @Test func codesOfOthersAndUnknownAddressesSoundAlike() async throws {
        try await withPeople { accounts in
            let code = try await accounts.code(for: person)
            let others = await failure {
                try await activate(accounts, code, email: "a2@example.org")
            }
            let unknown = await failure {
                try await activate(accounts, code, email: "nobody@example.org")
            }
            let noCode = await failure { try await activate(accounts, "pas un code") }
            #expect(others?.code == .unauthenticated)
            #expect(others == unknown)
            #expect(others == noCode)
        }
    }

    @Test func wrongCodesAreWrongTries() async throws {
        try await withPeople { accounts in
            let code = try await accounts.code(for: person)
            for _ in 0..<25 {
                let error = await failure { try await activate(accounts, "22222-22222") }
                #expect(error?.code == .unauthenticated)
            }
            let error = await failure { try await activate(accounts, code) }
            #expect(error?.code == .resourceExhausted)
        }
    }

    @Test(arguments: [11, 129])
    func passwordsOutsideTheirLengthAreRefusedAndTheCodeStays(length: Int) async throws {
        try await withPeople { accounts in
            let code = try await accounts.code(for: person)
            let password = String(repeating: "é", count: length)
            let error = await failure { try await activate(accounts, code, password: password) }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.hasPrefix("password must be 12 to 128") == true)
            _ = try await activate(accounts, code)
        }
    }

    @Test func aNewPasswordEndsOpenSessions() async throws {
        try await withPeople { accounts in
            let first = try await accounts.activate(person, email: email)
            let code = try await accounts.code(for: person)
            let second = try await activate(accounts, code, password: "another password")
            #expect(
                await failure { try await accounts.check(first.token) }?.code == .unauthenticated
            )
            #expect(try await accounts.check(second.token).personID == person)
            #expect(await failure { try await accounts.signIn(email) }?.code == .unauthenticated)
            _ = try await accounts.signIn(email, "another password")
            #expect(try await accounts.feed().last?.kind == SessionEnded.fullName)
        }
    }

    @Test func counsellorsRenewForTheirOwnOnly() async throws {
        try await withPeople { accounts in
            for id in [
                AccountsHarness.othersYoungPerson, AccountsHarness.otherCounsellor,
                "00000000-0000-7000-8000-00000000dead",
            ] {
                let error = await failure {
                    try await accounts.gateway.renewActivationCode(
                        RenewActivationCodeRequest(personID: id),
                        options: accounts.options(.counsellor(AccountsHarness.counsellor))
                    )
                }
                #expect(error?.code == .permissionDenied)
            }
            let unknown = await failure {
                try await accounts.code(for: "00000000-0000-7000-8000-00000000dead")
            }
            #expect(unknown?.code == .notFound)
            let noID = await failure { try await accounts.code(for: "x") }
            #expect(noID?.message.hasPrefix("person_id") == true)
        }
    }

    @Test func codesAreDrawnEvenlyFromTheAlphabet() {
        // Bytes that would favour the first symbols are drawn again.
        let code = ActivationCode { count in
            [255, 254, 240] + [UInt8](repeating: 239, count: count)
        }
        #expect(code.shown == "ZZZZZ-ZZZZZ")
        #expect(ActivationCode(typed: "zzzzz zzzzz") == code)
        #expect(ActivationCode(typed: "zzzzz zzzz") == nil)
        #expect(ActivationCode(typed: "0zzzz zzzzz") == nil)
        #expect(ActivationCode(typed: String(repeating: " ", count: 1_000)) == nil)
    }
}
