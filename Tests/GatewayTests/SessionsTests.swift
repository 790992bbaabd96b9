import Contracts
import RPC
import ServiceKit
import Storage
import Synchronization
import Testing

@testable import Gateway

@Suite struct SessionsTests {
    private let young = TestPerson.young

    private func sessions(
        generationMax: Int = 50_000,
        _ body: (Sessions, Backend, TestClock) async throws -> Void
    ) async throws {
        let backend = Backend()
        let clock = TestClock()
        try await withInProcessServer(backend.services) { client in
            let sessions = Sessions(
                accounts: AccountsClient(client),
                generationMax: generationMax
            ) { clock.now }
            try await body(sessions, backend, clock)
        }
    }

    private func header(_ token: String) -> Metadata { ["authorization": "Bearer \(token)"] }

    @Test func accountsIsAskedOnceWhileASessionIsRemembered() async throws {
        try await sessions { sessions, backend, _ in
            for _ in 0..<3 {
                let person = try await sessions.person(of: header(young.token))
                #expect(person?.caller == .youngPerson(young.id))
                #expect(person?.sessionID == young.sessionID)
            }
            #expect(backend.checks == [young.token])
        }
    }

    @Test func withoutMetadataNobodyIsAsked() async throws {
        try await sessions { sessions, backend, _ in
            let person = try await sessions.person(of: Metadata())
            #expect(person == nil)
            #expect(backend.checks == [])
        }
    }

    @Test func aSessionIsForgottenAfterAMinute() async throws {
        try await sessions { sessions, backend, clock in
            _ = try await sessions.person(of: header(young.token))
            clock.move(.milliseconds(59_999))
            _ = try await sessions.person(of: header(young.token))
            #expect(backend.checks.count == 1)
            clock.move(.milliseconds(1))
            _ = try await sessions.person(of: header(young.token))
            #expect(backend.checks.count == 2)
        }
    }

    @Test func useDoesNotMakeASessionLastLonger() async throws {
        try await sessions(generationMax: 1) { sessions, backend, clock in
            _ = try await sessions.person(of: header(young.token))
            clock.move(.seconds(40))
            // Goes to the old generation, and back to the young one.
            _ = try await sessions.person(of: header(TestPerson.counsellor.token))
            _ = try await sessions.person(of: header(young.token))
            #expect(backend.checks.count == 2)
            clock.move(.seconds(20))
            _ = try await sessions.person(of: header(young.token))
            #expect(backend.checks.count == 3)
        }
    }

    @Test func aSessionIsNeverRememberedBeyondItsEnd() async throws {
        try await sessions { sessions, backend, clock in
            let end = clock.now + .seconds(5)
            backend.open(
                "short",
                CheckSessionResponse(
                    sessionID: "s",
                    personID: "p",
                    role: .counsellor,
                    expiresMs: end.milliseconds
                )
            )
            let person = try #require(try await sessions.person(of: header("short")))
            #expect(!sessions.isOver(person))
            clock.move(.seconds(5))
            #expect(sessions.isOver(person))
            backend.close(token: "short")
            await #expect(throws: RPCError(.unauthenticated, "Sign in again.")) {
                try await sessions.person(of: header("short"))
            }
        }
    }

    @Test func anEndedSessionIsForgottenInEitherGeneration() async throws {
        try await sessions(generationMax: 1) { sessions, backend, _ in
            _ = try await sessions.person(of: header(young.token))
            _ = try await sessions.person(of: header(TestPerson.counsellor.token))
            for person in [young, .counsellor] {
                sessions.forget(sessionID: person.sessionID)
                backend.close(token: person.token)
                await #expect(throws: RPCError.self) {
                    try await sessions.person(of: header(person.token))
                }
            }
            #expect(sessions.count == 0)
        }
    }

    @Test func anAnswerUnderWayDoesNotBringAnEndedSessionBack() async throws {
        try await sessions { sessions, backend, _ in
            sessions.forget(sessionID: young.sessionID)
            let person = try #require(try await sessions.person(of: header(young.token)))
            #expect(sessions.isOver(person))
            _ = try await sessions.person(of: header(young.token))
            #expect(backend.checks.count == 2)
        }
    }

    @Test func memoryHasABoundAndKeepsWhatIsInUse() async throws {
        try await sessions(generationMax: 50) { sessions, backend, clock in
            for number in 0..<500 {
                let session = CheckSessionResponse(
                    sessionID: "s\(number)",
                    personID: "p\(number)",
                    role: .youngPerson,
                    expiresMs: .max
                )
                backend.open("t\(number)", session)
                _ = try await sessions.person(of: header("t\(number)"))
                _ = try await sessions.person(of: header(young.token))
                #expect(sessions.count <= 100)
            }
            #expect(backend.checks.filter { $0 == young.token }.count == 1)
            _ = clock
        }
    }

    @Test func withoutAccountsKnownSessionsGoOnAndOthersWait() async throws {
        try await sessions { sessions, backend, clock in
            _ = try await sessions.person(of: header(young.token))
            backend.failService("accounts")
            let person = try await sessions.person(of: header(young.token))
            #expect(person?.caller == .youngPerson(young.id))
            await #expect(throws: Backend.down) {
                try await sessions.person(of: header(TestPerson.counsellor.token))
            }
            clock.move(.seconds(60))
            await #expect(throws: Backend.down) {
                try await sessions.person(of: header(young.token))
            }
        }
    }

    @Test func aRoleThatIsNoPersonsIsRefused() async throws {
        try await sessions { sessions, backend, _ in
            for role in [Role.unspecified, .operator, .public, .unrecognized(77)] {
                backend.open(
                    "odd",
                    CheckSessionResponse(sessionID: "s", personID: "p", role: role, expiresMs: .max)
                )
                let error = await #expect(throws: RPCError.self) {
                    try await sessions.person(of: header("odd"))
                }
                #expect(error?.code == .unauthenticated)
            }
        }
    }

    @Test func signingOutThroughTheDoorForgetsTheSession() async throws {
        try await withGateway { gateway in
            let accounts = AccountsClient(gateway.client)
            _ = try await accounts.getMe(GetMeRequest(), options: young.options)
            _ = try await accounts.signOut(SignOutRequest(), options: young.options)
            gateway.backend.close(token: young.token)
            let error = await #expect(throws: RPCError.self) {
                try await accounts.getMe(GetMeRequest(), options: young.options)
            }
            #expect(error?.code == .unauthenticated)
        }
    }

    @Test func aSignOutThatFailedForgetsNothing() async throws {
        try await withGateway { gateway in
            let accounts = AccountsClient(gateway.client)
            gateway.backend.fail(AccountsMethods.signOut.descriptor.path, Backend.down)
            await #expect(throws: RPCError.self) {
                try await accounts.signOut(SignOutRequest(), options: young.options)
            }
            _ = try await accounts.getMe(GetMeRequest(), options: young.options)
            #expect(gateway.backend.checks == [young.token])
        }
    }

    @Test func endingAnotherSessionThroughTheDoorForgetsThatOne() async throws {
        try await withGateway { gateway in
            let accounts = AccountsClient(gateway.client)
            let other = TestPerson.counsellor
            for person in [young, other] {
                _ = try await accounts.getMe(GetMeRequest(), options: person.options)
            }
            _ = try await accounts.endSession(
                EndSessionRequest(sessionID: other.sessionID.uppercased()),
                options: young.options
            )
            for person in [young, other] {
                _ = try await accounts.getMe(GetMeRequest(), options: person.options)
            }
            #expect(gateway.backend.checks == [young.token, other.token, other.token])
        }
    }

    @Test func aSessionThatTheFeedReportsAsEndedIsForgotten() async throws {
        try await withGateway { gateway in
            let accounts = AccountsClient(gateway.client)
            _ = try await accounts.getMe(GetMeRequest(), options: young.options)
            let body = try SessionEnded(sessionID: young.sessionID).serializedBytes()
            let change = Change(
                sequence: 1,
                kind: SessionEnded.fullName,
                youngPersonID: young.id,
                body: body
            )
            gateway.hub.deliver(ChangeBatch(changes: [change], through: 1, head: 1), of: "accounts")
            _ = try await accounts.getMe(GetMeRequest(), options: young.options)
            #expect(gateway.backend.checks.count == 2)
        }
    }
}
