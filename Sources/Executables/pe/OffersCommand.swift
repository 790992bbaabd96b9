import ArgumentParser
import ClientKit
import Contracts
import Foundation
import RPC

extension PassEmploi {
    /// The command `pe offers`.
    struct OffersCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "offers",
            abstract: "Tells how the sources of offers are doing, as operator.",
            subcommands: [Sources.self]
        )
    }
}

extension PassEmploi.OffersCommand {
    /// The command `pe offers sources`.
    struct Sources: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the sources with their last import.",
            discussion: """
                A complete import that lacks more than 30 % of a source's offers closes none of them: \
                the file may be at fault. --accept closes them.
                """
        )

        @Option(help: "The source whose missing offers are to be closed.")
        var accept: PassEmploi.Import.Offers.Source?

        func run() async throws {
            try await Deployment().withClient(of: "offers") { client in
                let sources = OfferSourcesClient(client)
                if let accept {
                    let request = AcceptClosingRequest(source: accept.value)
                    print("\(try await sources.acceptClosing(request).closed) offers closed")
                }
                for state in try await sources.listSources(ListSourcesRequest()).sources {
                    show(state)
                }
            }
        }

        private func show(_ state: SourceState) {
            let name =
                PassEmploi.Import.Offers.Source.allCases.first {
                    $0.value == state.source
                }?.rawValue ?? "another source"
            print("\(name): \(state.open) open offers")
            guard state.runMs > 0 else { return print("  never imported") }
            print(
                "  last import \(time(state.runMs)): \(state.created) new, \(state.changed) changed, "
                    + "\(state.same) same, \(state.refused) refused"
            )
            if state.completeMs > 0 { print("  last complete one \(time(state.completeMs))") }
            if !state.error.isEmpty { print("  fault: \(state.error)") }
            if state.waits {
                print(
                    "  waits for a yes: \(state.missing) offers were missing; "
                        + "pe offers sources --accept \(name) closes them"
                )
            } else if state.missing > 0 {
                print("  \(state.missing) offers are being closed")
            }
        }

        private func time(_ milliseconds: Int64) -> String {
            Date(timeIntervalSince1970: Double(milliseconds) / 1_000).formatted(.iso8601)
        }
    }
}
