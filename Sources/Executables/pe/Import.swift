import ArgumentParser
import ClientKit
import Contracts
import Foundation
import RPC

extension PassEmploi {
    /// The command `pe import`.
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Brings in people, offers or communes from files, as operator.",
            subcommands: [People.self, Offers.self, Communes.self]
        )
    }
}

extension PassEmploi.Import {
    /// The command `pe import people`.
    struct People: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Brings in structures, counsellors and young people from a CSV file.",
            discussion: """
                UTF-8, comma-separated; the first line names the columns, in any order; those that are \
                left out count as empty:
                  kind        structure, counsellor or young_person
                  id          a UUID, or empty: then a structure is known by its name, a person by \
                the e-mail address
                  name        of a structure
                  time_zone   of a structure: Europe/Paris, Indian/Reunion …
                  first_name, last_name, email   of a person
                  structure   of a counsellor or young person: its id or name; a young person's may \
                be empty and is then their counsellor's
                  counsellor  of a young person: id or e-mail address

                All or nothing: with one bad line nothing is stored, and the bad lines are named. \
                The same file again changes nothing.
                """
        )

        @Argument(help: "The file, or - for standard input.")
        var file: String?

        @Option(
            help: """
                Instead of a file: so many made-up young people, with a counsellor for each \(Population.caseload) \
                and a structure for each \(Population.counsellorsPerStructure) counsellors.
                """
        )
        var synthetic: Int?

        @Option(
            help: "With --synthetic: whose people. The same number gives the same people again."
        )
        var seed: UInt64 = 1

        func validate() throws {
            guard (file == nil) != (synthetic == nil) else {
                throw ValidationError("Give either a file or --synthetic.")
            }
        }

        func run() async throws {
            let population = try synthetic.map { try Population(seed: seed, youngPeople: $0) }
            let answer = try await Deployment().withClient(of: "accounts") { client in
                try await AccountsClient(client).importPeople { writer in
                    let send = { (piece: [UInt8]) in
                        try await writer.write(ImportPeopleRequest(csv: piece))
                    }
                    if let population {
                        try await Pieces.send(population, send)
                    } else {
                        try await Pieces(file ?? "-").send(send)
                    }
                }
            }
            print("people: \(answer.created) new, \(answer.changed) changed, \(answer.same) same")
        }
    }

    /// The command `pe import offers`.
    struct Offers: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Brings in offers of one source from JSON files.",
            discussion: """
                A file holds an answer of the source's API, an array of offers, or one offer a line. \
                Good offers are stored as they come; bad ones are counted, with line and reason. \
                Where a line is no JSON it is refused and the next one is read; where a whole \
                document breaks off, what stood before it stays. The same file again changes nothing.
                """
        )

        /// The sources' names on the command line.
        enum Source: String, ExpressibleByArgument, CaseIterable {
            case franceTravail = "france-travail"
            case serviceCivique = "service-civique"
            case immersion = "immersion-facilitee"
            case alternance = "la-bonne-alternance"

            var value: OfferSource {
                switch self {
                case .franceTravail: .franceTravail
                case .serviceCivique: .serviceCivique
                case .immersion: .immersionFacilitee
                case .alternance: .laBonneAlternance
                }
            }
        }

        @Option(help: "Whose format the files have.")
        var source: Source

        @Flag(
            help: """
                The file holds all that the source has: what it lacks is closed, unless that is more \
                than 30 % of the source's offers; see `pe offers sources`.
                """
        )
        var complete = false

        @Argument(help: "The files; - is standard input.")
        var files: [String]

        func validate() throws {
            guard !complete || files.count == 1 else {
                throw ValidationError("With --complete, give all that the source has in one file.")
            }
        }

        func run() async throws {
            try await Deployment().withClient(of: "offers") { client in
                for file in files { try await send(file, OffersClient(client)) }
            }
        }

        private func send(_ file: String, _ client: OffersClient) async throws {
            let answer = try await client.importOffers { writer in
                try await Pieces(file).send { piece in
                    let request = ImportOffersRequest(
                        source: source.value,
                        data: piece,
                        complete: complete
                    )
                    try await writer.write(request)
                }
            }
            print(
                "\(file): \(answer.created) new, \(answer.changed) changed, \(answer.same) same, "
                    + "\(answer.refused) refused"
            )
            for fault in answer.faults {
                let id = fault.id.isEmpty ? "" : " (\(fault.id))"
                let field = fault.field.isEmpty ? "" : "\(fault.field): "
                print("  line \(fault.line)\(id): \(field)\(fault.reason)")
            }
            let shown = UInt32(answer.faults.count)
            if answer.refused > shown { print("  … and \(answer.refused - shown) more") }
            if complete { printClosing(answer) }
        }

        private func printClosing(_ answer: ImportOffersResponse) {
            if !answer.incomplete.isEmpty {
                print("  \(answer.incomplete)")
            } else if answer.waiting > 0 {
                print(
                    "  \(answer.waiting) offers are missing in the file, too many to close them "
                        + "unasked: pe offers sources --accept \(source.rawValue)"
                )
            } else {
                print("  \(answer.closed) offers closed that the source no longer has")
            }
        }
    }

    /// The command `pe import communes`.
    struct Communes: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replaces the table of communes.",
            discussion: """
                UTF-8 CSV, first line: insee,name,postal_code,department,region,lat,lon,population; \
                one line per commune and postal code. All or nothing.
                """
        )

        @Argument(help: "The file, or - for standard input.")
        var file: String

        func run() async throws {
            let answer = try await Deployment().withClient(of: "offers") { client in
                try await OffersClient(client).importCommunes { writer in
                    try await Pieces(file).send { piece in
                        try await writer.write(ImportCommunesRequest(csv: piece))
                    }
                }
            }
            print("\(answer.communes) communes")
        }
    }
}
