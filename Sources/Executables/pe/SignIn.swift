import ArgumentParser
import ClientKit
import Contracts
import Foundation
import RPC

extension PassEmploi {
    /// The command `pe sign-in`.
    struct SignIn: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "sign-in",
            abstract: "Opens a session and keeps its token for later calls.",
            discussion:
                "The password is asked for, or read from standard input if that is no terminal."
        )

        @Argument(help: "E-mail address of the account.")
        var email: String

        func run() async throws {
            let password = try Password.read("Password: ")
            let answer = try await Deployment().withClient(of: "gateway") { client in
                try await AccountsClient(client).signIn(
                    SignInRequest(email: email, password: password, device: "pe")
                )
            }
            try SessionFile().keep(answer.token)
            let person = answer.person ?? Person()
            print("Signed in as \(person.firstName) \(person.lastName) (\(person.role.name)).")
        }
    }

    /// The command `pe sign-out`.
    struct SignOut: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "sign-out",
            abstract: "Ends the session that sign-in opened."
        )

        func run() async throws {
            guard let token = SessionFile().token() else {
                print("Nobody is signed in.")
                return
            }
            let options = CallOptions(metadata: SessionFile.authorization(token))
            do {
                _ = try await Deployment().withClient(of: "gateway") { client in
                    try await AccountsClient(client).signOut(SignOutRequest(), options: options)
                }
            } catch let error as RPCError where error.code == .unauthenticated {
                // Ended already: nothing is left but to forget it.
            }
            SessionFile().forget()
            print("Signed out.")
        }
    }

    /// The command `pe activate`.
    struct Activate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sets an account's password with its activation code.",
            discussion: """
                With --person the operator's certificate makes a new code first; without it the code \
                is given with --code. The password is asked for, or read from standard input if that \
                is no terminal.
                """
        )

        @Argument(help: "E-mail address of the account.")
        var email: String

        @Option(help: "The activation code.")
        var code: String?

        @Option(help: "The account's id, to make a new code as operator.")
        var person: String?

        func validate() throws {
            guard (code == nil) != (person == nil) else {
                throw ValidationError("Give either --code or --person.")
            }
        }

        func run() async throws {
            let password = try Password.read("New password: ")
            let code = try await activationCode()
            let answer = try await Deployment().withClient(of: "gateway") { client in
                try await AccountsClient(client).activate(
                    ActivateRequest(
                        email: email,
                        activationCode: code,
                        password: password,
                        device: "pe"
                    )
                )
            }
            print("\(answer.person?.email ?? email) can sign in.")
        }

        private func activationCode() async throws -> String {
            if let code { return code }
            return try await Deployment().withClient(of: "accounts") { client in
                try await AccountsClient(client).renewActivationCode(
                    RenewActivationCodeRequest(personID: person ?? "")
                ).activationCode
            }
        }
    }
}

/// A password, typed unseen or piped in.
enum Password {
    static func read(_ prompt: String) throws -> String {
        if isatty(0) == 1 {
            guard let typed = getpass(prompt) else {
                throw Failure.Message("No password was given.")
            }
            return String(cString: typed)
        }
        guard let line = readLine(), !line.isEmpty else {
            throw Failure.Message("No password came on standard input.")
        }
        return line
    }
}
