@testable import Accounts
import Contracts
import RPC
import ServiceKit
import Storage
import Testing

/// What happens to a session between sign-in and its end.
@Suite struct SessionTests {
    private let person = AccountsHarness.youngPerson
    private let email = "a1@example.org"

    private func sessions(
        _ accounts: AccountsHarness,
        current: String = "",
        of caller: Caller = .youngPerson(AccountsHarness.youngPerson)
    ) async throws -> [Session] {
        try await accounts.gateway.listSessions(
            ListSessionsRequest(),
            options: accounts.options(caller, session: current)
        ).sessions
    }

    @Test func sessionsAreListedNewestFirst() async throws {
        try await withPeople { accounts in
            try await accounts.activate(person, email: email)
            accounts.clock.move(by: .seconds(60))
            let second = try await accounts.signIn(email, device: "ordinateur")
            let current = try await accounts.check(second.token).sessionID
            let listed = try await sessions(accounts, current: current)
            #expect(listed.map(\.device) == ["ordinateur", "premier"])
            #expect(listed.map(\.current) == [true, false])
            #expect(listed[0].openedMs == accounts.clock.now.milliseconds)
            #expect(listed[0].expiresMs == second.expiresMs)
            let others = try await sessions(
                accounts,
                of: .youngPerson(AccountsHarness.othersYoungPerson)
            )
            #expect(others.isEmpty)
        }
    }

    @Test func useIsNotedAtMostOnceAnHour() async throws {
        try await withPeople { accounts in
            let token = try await accounts.activate(person, email: email).token
            let opened = accounts.clock.now
            accounts.clock.move(by: .seconds(3_599))
            _ = try await accounts.check(token)
            #expect(try await sessions(accounts).map(\.usedMs) == [opened.milliseconds])
            accounts.clock.move(by: .seconds(1))
            _ = try await accounts.check(token)
            #expect(
                try await sessions(accounts).map(\.usedMs) == [accounts.clock.now.milliseconds]
            )
        }
    }

    @Test func aSessionLastsThirtyDays() async throws {
        try await withPeople { accounts in
            let token = try await accounts.activate(person, email: email).token
            accounts.clock.move(by: .seconds(30 * 86_400) - .milliseconds(1))
            _ = try await accounts.check(token)
            accounts.clock.move(by: .milliseconds(1))
            #expect(await failure { try await accounts.check(token) }?.code == .unauthenticated)
            #expect(try await sessions(accounts).isEmpty)
        }
    }

    @Test func unknownTokensOpenNothing() async throws {
        try await withPeople { accounts in
            for token in ["", "x", String(repeating: "x", count: 100_000)] {
                #expect(await failure { try await accounts.check(token) }?.code == .unauthenticated)
            }
        }
    }

    @Test func signingOutEndsTheCallingSessionOnly() async throws {
        try await withPeople { accounts in
            let first = try await accounts.activate(person, email: email)
            let second = try await accounts.signIn(email)
            let id = try await accounts.check(first.token).sessionID
            let options = accounts.options(.youngPerson(person), session: id)
            _ = try await accounts.gateway.signOut(SignOutRequest(), options: options)
            _ = try await accounts.gateway.signOut(SignOutRequest(), options: options)
            #expect(
                await failure { try await accounts.check(first.token) }?.code == .unauthenticated
            )
            _ = try await accounts.check(second.token)

            let ended = try await accounts.feed().filter { $0.kind == SessionEnded.fullName }
            #expect(try ended.map { try SessionEnded(serializedBytes: $0.body).sessionID } == [id])
            #expect(ended.map(\.youngPersonID) == [person])
            // Their counsellor does not learn of it.
            #expect(ended.map(\.counsellorID) == [""])
        }
    }

    @Test func peopleEndTheirOwnSessionsOnly() async throws {
        try await withPeople { accounts in
            let token = try await accounts.activate(person, email: email).token
            let id = try await accounts.check(token).sessionID
            func end(_ id: String, as caller: Caller) async throws -> EndSessionResponse {
                try await accounts.gateway.endSession(
                    EndSessionRequest(sessionID: id),
                    options: accounts.options(caller)
                )
            }
            let stranger = Caller.counsellor(AccountsHarness.counsellor)
            let others = await failure { try await end(id, as: stranger) }
            let unknown = await failure {
                try await end("00000000-0000-7000-8000-00000000dead", as: stranger)
            }
            #expect(others?.code == .notFound)
            #expect(others == unknown)
            #expect(await failure { try await end("x", as: stranger) }?.code == .invalidArgument)
            _ = try await accounts.check(token)

            _ = try await end(id.uppercased(), as: .youngPerson(person))
            _ = try await end(id, as: .youngPerson(person))
            #expect(await failure { try await accounts.check(token) }?.code == .unauthenticated)
            let ended = try await accounts.feed().filter { $0.kind == SessionEnded.fullName }
            #expect(ended.count == 1)
        }
    }

    @Test func theTwentyFirstSessionEndsTheOneUsedLongestAgo() async throws {
        try await withPeople { accounts in
            let first = try await accounts.activate(person, email: email)
            var tokens = [first.token]
            for _ in 1..<20 {
                accounts.clock.move(by: .seconds(1))
                tokens.append(try await accounts.signIn(email).token)
            }
            // The first is used once more: the second is now the one to go.
            accounts.clock.move(by: .seconds(3_600))
            _ = try await accounts.check(tokens[0])
            _ = try await accounts.signIn(email)
            #expect(try await sessions(accounts).count == 20)
            _ = try await accounts.check(tokens[0])
            #expect(await failure { try await accounts.check(tokens[1]) }?.code == .unauthenticated)
            _ = try await accounts.check(tokens[2])
        }
    }

    @Test func theTokenItselfIsNotStored() async throws {
        try await withPeople { accounts in
            let token = try await accounts.activate(person, email: email).token
            let hash = SessionToken(shown: token).hash
            let stored = try await accounts.database.read { reader in
                try reader.rows("SELECT * FROM session").map(\.values)
            }
            #expect(stored.count == 1)
            #expect(stored[0].contains(.blob(hash)))
            #expect(!stored[0].contains(.text(token)))
        }
    }
}
