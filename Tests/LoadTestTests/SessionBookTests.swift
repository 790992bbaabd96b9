import ClientKit
import Contracts
import Foundation
import RPC
import Synchronization
import Testing

@testable import LoadTest

@Suite struct SessionBookTests {
    /// Accounts that knows some people and hands out `token-1`, `token-2` ….
    private final class Accounts: Sendable {
        struct State {
            var codes: [String: String] = [:]
            var open: Set<String> = []
            var activations = 0
        }

        let people: Set<String>
        let state = Mutex(State())

        init(_ people: [Population.Person]) {
            self.people = Set(people.map(\.id))
        }

        /// Ends every session.
        func endAll() { state.withLock { $0.open = [] } }

        var activations: Int { state.withLock { $0.activations } }

        var service: ForwardedService {
            ForwardedService(
                AccountsMethods.service,
                methods: [
                    .unary(AccountsMethods.getMe) { _, call in
                        let token = call.metadata["authorization"]?.dropFirst("Bearer ".count)
                        guard self.state.withLock({ $0.open.contains(String(token ?? "")) }) else {
                            throw RPCError(.unauthenticated, "The session has ended.")
                        }
                        return Person()
                    },
                    .unary(AccountsMethods.renewActivationCode) { request, _ in
                        guard self.people.contains(request.personID) else {
                            throw RPCError(.notFound, "Nobody.")
                        }
                        return RenewActivationCodeResponse(activationCode: request.personID)
                    },
                    .unary(AccountsMethods.activate) { request, _ in
                        guard request.password.count >= 12 else {
                            throw RPCError.badField("password", "must be longer")
                        }
                        return self.state.withLock { state in
                            state.activations += 1
                            state.open.insert("token-\(state.activations)")
                            return SignInResponse(token: "token-\(state.activations)")
                        }
                    },
                ]
            )
        }
    }

    private let path = NSTemporaryDirectory() + "sessions-\(UUID().uuidString)/book.json"

    private func open(
        _ people: [Population.Person],
        _ accounts: Accounts
    ) async throws
        -> SessionBook
    {
        var book = SessionBook(path: path)
        try await withInProcessServer([accounts.service]) { client in
            try await book.open(
                people,
                gateway: AccountsClient(client),
                accounts: AccountsClient(client),
                random: { 12_345_678_901 },
                progress: { _ in }
            )
        }
        return book
    }

    @Test func eachSessionIsOpenedOnceAndKeptForItsOwnerOnly() async throws {
        defer {
            try? FileManager.default.removeItem(
                atPath: (path as NSString).deletingLastPathComponent
            )
        }
        let population = try Population(seed: 7, youngPeople: 40)
        let people = (0..<20).map(population.youngPerson)
        let accounts = Accounts(people)
        let first = try await open(people, accounts)
        #expect(Set(first.tokens.keys) == Set(people.map(\.id)))
        #expect(Set(first.tokens.values).count == 20)
        let again = try await open(people, accounts)
        #expect(again.tokens == first.tokens)
        #expect(accounts.activations == 20)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)

        accounts.endAll()
        let anew = try await open(Array(people.prefix(3)), accounts)
        #expect(accounts.activations == 23)
        #expect(anew.tokens[people[0].id] != first.tokens[people[0].id])
        #expect(anew.tokens[people[19].id] == first.tokens[people[19].id])
    }

    @Test func whoHasNoAccountIsNamedWithTheMend() async throws {
        let population = try Population(seed: 7, youngPeople: 40)
        let failure = await #expect(throws: CommandFailure.self) {
            try await open([population.youngPerson(0)], Accounts([]))
        }
        #expect(failure?.text.contains("pe import people --synthetic") == true)
    }
}
