public import ClientKit
public import Contracts
import Foundation
import RPC

/// Open sessions of made-up people, kept in a file so that each is opened once and not once a run.
///
/// The first sign-in of a person costs the services two password hashes, half a second of a
/// processor.
public struct SessionBook: Sendable {
    /// Tokens under the ids of their people.
    public private(set) var tokens: [String: String]
    private let path: String

    /// Reads the book; one that is not there is empty.
    public init(path: String) {
        self.path = path
        let data = FileManager.default.contents(atPath: path) ?? Data()
        tokens = (try? JSONDecoder().decode([String: String].self, from: data)) ?? [:]
    }

    /// Makes sure that each of `people` has a session that the gateway still knows.
    ///
    /// - Parameters:
    ///   - people: Who needs one.
    ///   - gateway: Accounts as people reach them.
    ///   - accounts: Accounts as the operator reaches them, for activation codes.
    ///   - random: What the passwords are drawn from; they are not kept.
    ///   - progress: Told how many people are done.
    /// - Throws: `CommandFailure` if a person is not there; `RPCError`.
    public mutating func open(
        _ people: [Population.Person],
        gateway: AccountsClient,
        accounts: AccountsClient,
        random: @escaping @Sendable () -> UInt64,
        progress: (Int) -> Void
    ) async throws {
        var done = 0
        var rest = people[...]
        // In small crowds: accounts hashes one password per core at a time and refuses a long queue.
        while !rest.isEmpty {
            let crowd = rest.prefix(Self.crowd)
            rest = rest.dropFirst(Self.crowd)
            let known = tokens
            let opened = try await withThrowingTaskGroup(of: (String, String).self) { group in
                for person in crowd {
                    group.addTask {
                        if let token = known[person.id], try await Self.isOpen(token, gateway) {
                            return (person.id, token)
                        }
                        return (person.id, try await Self.token(person, gateway, accounts, random))
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            tokens.merge(opened) { $1 }
            done += crowd.count
            progress(done)
            // Kept at once: an interrupted preparation goes on where it was.
            if tokens != known { try keep() }
        }
    }

    private static let crowd = 16

    private static func isOpen(_ token: String, _ gateway: AccountsClient) async throws -> Bool {
        do {
            let options = CallOptions(metadata: ["authorization": "Bearer \(token)"])
            _ = try await gateway.getMe(GetMeRequest(), options: options)
            return true
        } catch let error as RPCError where error.code == .unauthenticated {
            return false
        }
    }

    private static func token(
        _ person: Population.Person,
        _ gateway: AccountsClient,
        _ accounts: AccountsClient,
        _ random: @Sendable () -> UInt64
    ) async throws -> String {
        let code: String
        do {
            code = try await accounts.renewActivationCode(
                RenewActivationCodeRequest(personID: person.id)
            ).activationCode
        } catch let error as RPCError where error.code == .notFound {
            throw CommandFailure(
                "\(person.email) has no account; first bring the population in with "
                    + "`pe import people --synthetic`, with the same seed and at least as many."
            )
        }
        let request = ActivateRequest(
            email: person.email,
            activationCode: code,
            password: "\(random())-\(random())",
            device: "loadtest"
        )
        return try await gateway.activate(request).token
    }

    /// Writes the book where only its owner can read it.
    private func keep() throws {
        let directory = (path as NSString).deletingLastPathComponent
        let files = FileManager.default
        do {
            if !directory.isEmpty {
                try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
            }
            // Created empty with its mode first: tokens never stand in a readable file.
            let temporary = "\(path).new"
            try? files.removeItem(atPath: temporary)
            guard
                files.createFile(
                    atPath: temporary,
                    contents: nil,
                    attributes: [.posixPermissions: 0o600]
                ), let handle = FileHandle(forWritingAtPath: temporary)
            else { throw CocoaError(.fileWriteNoPermission) }
            try handle.write(contentsOf: try JSONEncoder().encode(tokens))
            try handle.close()
            guard rename(temporary, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        } catch {
            throw CommandFailure(
                "The sessions cannot be kept in \(path): \(error.localizedDescription)"
            )
        }
    }
}
