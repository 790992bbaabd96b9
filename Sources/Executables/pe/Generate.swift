import ArgumentParser
import ClientKit
import Corpus
import Foundation

extension PassEmploi {
    /// The command `pe generate`.
    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes up data to try, test and measure with.",
            subcommands: [Offers.self]
        )
    }
}

extension PassEmploi.Generate {
    /// The command `pe generate offers`.
    struct Offers: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes up offers in the formats of the four sources.",
            discussion: """
                Writes france-travail.ndjson, la-bonne-alternance.ndjson, service-civique.ndjson and \
                immersion-facilitee.ndjson, one offer a line, for `pe import offers`, and \
                duplicates.tsv: the pairs of ids that are the same vacancy. With --source and without \
                --out, that source's file goes to standard output.
                Some lines are broken or repeated on purpose, three in 10,000.
                The same options give the same bytes; --until is part of them.
                """
        )

        @Option(help: "How many offers, over all sources.")
        var count: Int

        @Option(help: "Whose offers: another number gives others.")
        var seed: UInt64 = 1

        @Option(
            help: """
                Parts of jobs, apprenticeships, civic service and immersion (default: 700:100:50:300).
                """
        )
        var mix: String?

        @Option(help: "Day on which the newest is published, YYYY-MM-DD (default: today).")
        var until: String?

        @Option(help: "CSV file of communes as `pe import communes` takes it (default: built in).")
        var communes: String?

        @Option(help: "One source alone: france-travail, la-bonne-alternance …")
        var source: PassEmploi.Import.Offers.Source?

        @Option(help: "Folder for the files; made if it is not there.")
        var out: String?

        func validate() throws {
            guard source != nil || out != nil else {
                throw ValidationError("Give --out for all sources, or --source for one.")
            }
        }

        func run() throws {
            let corpus = try OfferCorpus(
                seed: seed,
                count: count,
                mix: parsedMix(),
                untilMs: untilMs(),
                communes: readCommunes()
            )
            let sources = CorpusSource.allCases.filter { one in
                source == nil || one.name == source?.rawValue
            }
            guard let out else {
                for source in sources { try write(corpus.file(of: source), to: .standardOutput) }
                return
            }
            try makeFolder(out)
            for source in sources {
                let name = "\(out)/\(source.name).ndjson"
                try write(corpus.file(of: source), to: open(name))
                let flaws = corpus.flaws(of: source)
                print(
                    "\(name): \(corpus.count(of: source)) lines, of which \(flaws.broken) broken "
                        + "and \(flaws.repeated) repeated on purpose"
                )
            }
            if source == nil {
                let pairs = corpus.duplicates
                let lines = pairs.map { "\($0.0)\t\($0.1)\n" }.joined()
                try open("\(out)/duplicates.tsv").write(contentsOf: Data(lines.utf8))
                print("\(out)/duplicates.tsv: \(pairs.count) pairs of the same vacancy")
            }
        }

        private func parsedMix() throws -> CorpusMix {
            guard let mix else { return .national }
            guard let parsed = CorpusMix(mix) else {
                throw ValidationError("--mix must be four numbers like 700:100:50:300.")
            }
            return parsed
        }

        /// The beginning of the day, in UTC.
        private func untilMs() throws -> Int64 {
            guard let until else {
                let now = Int64(Date().timeIntervalSince1970 * 1_000)
                return now / 86_400_000 * 86_400_000
            }
            guard let day = try? Date(until, strategy: .iso8601.year().month().day()) else {
                throw ValidationError("--until must be a day like 2026-05-31.")
            }
            return Int64(day.timeIntervalSince1970 * 1_000)
        }

        private func readCommunes() throws -> [CorpusCommune] {
            guard let communes else { return CorpusCommune.builtIn }
            guard let text = try? String(contentsOfFile: communes, encoding: .utf8) else {
                throw Failure.Message("There is no readable file \(communes).")
            }
            guard let read = CorpusCommune.read(csv: text) else {
                throw Failure.Message("\(communes) is no file of communes; see pe import communes.")
            }
            return read
        }

        private func makeFolder(_ path: String) throws {
            do {
                try FileManager.default.createDirectory(
                    atPath: path,
                    withIntermediateDirectories: true
                )
            } catch {
                throw Failure.Message("The folder \(path) cannot be made.")
            }
        }

        private func open(_ path: String) throws -> FileHandle {
            guard FileManager.default.createFile(atPath: path, contents: nil),
                let handle = FileHandle(forWritingAtPath: path)
            else { throw Failure.Message("The file \(path) cannot be written.") }
            return handle
        }

        private func write(_ file: CorpusFile, to handle: FileHandle) throws {
            for piece in file { try handle.write(contentsOf: Data(piece)) }
        }
    }
}
