@testable import Accounts
import Contracts
import Foundation
import RPC
import ServiceKit
import Storage
import Testing

/// Who gets in, who does not, and what they are told.
@Suite struct SignInTests {
    private let email = "a1@example.org"

    @Test func aRightPasswordOpensASession() async throws {
        try await withPeople { accounts in
            try await accounts.activate(AccountsHarness.youngPerson, email: email)
            let response = try await accounts.signIn("A1@Example.ORG", device: "téléphone")
            #expect(response.person?.id == AccountsHarness.youngPerson)
            #expect(response.person?.activated == true)
            #expect(response.person?.structure?.timeZone == "Europe/Paris")
            #expect(response.token.utf8.count == 43)
            #expect(
                response.expiresMs
                    == AccountsHarness.start.milliseconds + 30 * 86_400_000
            )
            let session = try await accounts.check(response.token)
            #expect(session.personID == AccountsHarness.youngPerson)
            #expect(session.role == .youngPerson)
        }
    }

    @Test func unknownAddressWrongPasswordAndInactiveAccountSoundAlike() async throws {
        try await withPeople { accounts in
            try await accounts.activate(AccountsHarness.youngPerson, email: email)
            let wrong = await failure { try await accounts.signIn(email, "wrong password") }
            let unknown = await failure { try await accounts.signIn("nobody@example.org") }
            let inactive = await failure { try await accounts.signIn("a2@example.org") }
            let noAddress = await failure { try await accounts.signIn("nobody") }
            #expect(wrong?.code == .unauthenticated)
            #expect(wrong == unknown)
            #expect(wrong == inactive)
            #expect(wrong == noAddress)
        }
    }

    @Test(arguments: [
        ("", AccountsHarness.password, "", "email"),
        (String(repeating: "a", count: 255), AccountsHarness.password, "", "email"),
        ("a1@example.org", "", "", "password"),
        ("a1@example.org", String(repeating: "p", count: 129), "", "password"),
        ("a1@example.org", AccountsHarness.password, String(repeating: "d", count: 101), "device"),
        ("a1@example.org", AccountsHarness.password, "a\u{7}", "device"),
    ])
    func badFieldsAreNamed(
        email: String,
        password: String,
        device: String,
        field: String
    ) async throws {
        try await withPeople { accounts in
            let error = await failure {
                try await accounts.signIn(email, password, device: device)
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.hasPrefix(field) == true)
        }
    }

    @Test func twentyFiveWrongTriesCloseTheAccountUntilTheNextDay() async throws {
        try await withPeople { accounts in
            try await accounts.activate(AccountsHarness.youngPerson, email: email)
            for _ in 0..<25 {
                let error = await failure { try await accounts.signIn(email, "wrong password") }
                #expect(error?.code == .unauthenticated)
            }
            let refused = await failure { try await accounts.signIn(email) }
            #expect(refused?.code == .resourceExhausted)
            #expect(refused?.message.contains("2026-11-25 00:00 UTC") == true)
            // 09:00 to midnight.
            #expect(refused?.retryAfter == .seconds(15 * 3_600))
            // Codes are counted with passwords, and others are not touched.
            let code = try await accounts.code(for: AccountsHarness.youngPerson)
            let activation = await failure {
                try await accounts.gateway.activate(
                    ActivateRequest(email: email, activationCode: code, password: "0123456789ab")
                )
            }
            #expect(activation?.code == .resourceExhausted)
            try await accounts.activate(AccountsHarness.othersYoungPerson, email: "a2@example.org")

            accounts.clock.move(by: .seconds(15 * 3_600) - .milliseconds(1))
            #expect(await failure { try await accounts.signIn(email) }?.code == .resourceExhausted)
            accounts.clock.move(by: .milliseconds(1))
            _ = try await accounts.signIn(email)
        }
    }

    @Test func unknownAddressesAreClosedLikeKnownOnes() async throws {
        try await withPeople { accounts in
            for _ in 0..<25 {
                let error = await failure { try await accounts.signIn("nobody@example.org") }
                #expect(error?.code == .unauthenticated)
            }
            let error = await failure { try await accounts.signIn("Nobody@example.org") }
            #expect(error?.code == .resourceExhausted)
        }
    }

    @Test func manyTriesAtOnceGetNoMoreThanTwentyFiveAnswers() async throws {
        try await withPeople { accounts in
            let codes = await withTaskGroup(of: RPCError.Code?.self) { group in
                for _ in 0..<60 {
                    group.addTask {
                        await failure { try await accounts.signIn(email, "wrong password") }?.code
                    }
                }
                var codes: [RPCError.Code?] = []
                for await code in group { codes.append(code) }
                return codes
            }
            #expect(codes.count { $0 == .unauthenticated } == 25)
            #expect(codes.count { $0 == .resourceExhausted } == 35)
        }
    }

    @Test func wrongTriesAreRememberedOverARestart() async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("accounts-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        func open() throws -> Database {
            try Database.open(
                directory: directory,
                name: "accounts",
                migrations: AccountsSchema.migrations
            )
        }
        let first = try open()
        try await withAccounts(on: first) { accounts in
            try await accounts.load(AccountsHarness.people)
            try await accounts.activate(AccountsHarness.youngPerson, email: email)
            for _ in 0..<25 {
                _ = await failure { try await accounts.signIn(email, "wrong password") }
            }
        }
        try await first.close()
        let second = try open()
        try await withAccounts(on: second) { accounts in
            let error = await failure { try await accounts.signIn(email) }
            #expect(error?.code == .resourceExhausted)
        }
        try await second.close()
    }

    @Test func aFullHashQueueIsBusyAndNotAWrongTry() async throws {
        let pool = HashPool(workers: 1, waitingMax: 0)
        try await withPeople(pool: pool) { accounts in
            try await accounts.activate(AccountsHarness.youngPerson, email: email)
            let gate = Gate()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await pool.run { gate.pass(()) } }
                await gate.reached()
                for _ in 0..<30 {
                    let error = await failure { try await accounts.signIn(email) }
                    #expect(error?.code == .unavailable)
                    #expect(error?.retryAfter == .seconds(3))
                }
                gate.open()
                try await group.waitForAll()
            }
            _ = try await accounts.signIn(email)
        }
    }
}
