import ArgumentParser
import ClientKit
import Contracts
import Foundation
import RPC

extension PassEmploi {
    /// The command `pe tour`.
    struct Tour: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Plays a day of a counsellor and a young person on a running system.",
            discussion: """
                Everything goes through the gateway, as both people; what each side saw is printed. \
                Exits with 0 only if all of it was seen. What it adds stays: run it on a \
                demonstration, not on real people.
                The accounts are those of the file that PASS_DEMONSTRATION names \
                (.run/demonstration.env), which deploy/run and deploy/demo/load write.
                """
        )

        func run() async throws {
            let accounts = try DemonstrationAccounts.read()
            try await Deployment().withClient(of: "gateway") { client in
                let stage = try await TourStage(client, accounts)
                try await stage.watchingLive {
                    try await stage.messages()
                    try await stage.appointments()
                    try await stage.actions()
                }
                try await stage.offers()
                try await stage.firstPages()
                try await stage.leave()
            }
            print("\nAll of it was seen.")
        }
    }
}

/// The two accounts that the tour plays with.
struct DemonstrationAccounts {
    struct Account {
        let email: String
        let password: String
    }

    let counsellor: Account
    let youngPerson: Account

    /// Reads the file that `PASS_DEMONSTRATION` names.
    static func read(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> DemonstrationAccounts {
        let path = environment["PASS_DEMONSTRATION"] ?? ".run/demonstration.env"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Failure.Message(
                "There are no demonstration accounts in \(path); deploy/run makes them "
                    + "(PASS_DEMONSTRATION names the file)."
            )
        }
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            values[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
        func account(_ key: String) throws -> Account {
            guard let value = values[key], let colon = value.firstIndex(of: ":") else {
                throw Failure.Message("\(path) has no line \(key)=e-mail:password.")
            }
            return Account(
                email: String(value[..<colon]),
                password: String(value[value.index(after: colon)...])
            )
        }
        return DemonstrationAccounts(
            counsellor: try account("PASS_DEMO_COUNSELLOR"),
            youngPerson: try account("PASS_DEMO_YOUNG_PERSON")
        )
    }
}
