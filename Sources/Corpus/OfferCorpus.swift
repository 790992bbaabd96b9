import ClientKit

/// Offers made up from a seed, in the formats of the four sources: the same seed, number, mix, day
/// and communes give the same bytes.
///
/// They look like real ones in what matters to an import and a search: trades and places by their
/// frequency, texts with a real vocabulary's skew, missing fields, and at a low rate the oddities
/// that real answers have. None of the employers exists.
public struct OfferCorpus: Sendable {
    /// Offers that a corpus can have: so many ids there are.
    public static let countMax = 100_000_000

    let writer: OfferWriter
    private let counts: [Int]

    /// - Parameters:
    ///   - seed: whose offers they are.
    ///   - count: how many, from 1 to 100 million.
    ///   - mix: how many of each source.
    ///   - untilMs: when the newest was published, in milliseconds since 1970 UTC.
    ///   - communes: where they are, at least one of which has inhabitants.
    /// - Throws: `CommandFailure` for a count out of bounds.
    public init(
        seed: UInt64,
        count: Int,
        mix: CorpusMix = .national,
        untilMs: Int64,
        communes: [CorpusCommune] = CorpusCommune.builtIn
    ) throws {
        guard (1...Self.countMax).contains(count) else {
            throw CommandFailure("A corpus has 1 to \(Self.countMax) offers.", code: 2)
        }
        counts = mix.counts(of: count)
        let vocabulary = Vocabulary()
        writer = OfferWriter(
            seed: seed,
            sharing: Sharing(
                jobs: counts[CorpusSource.franceTravail.rawValue],
                apprenticeships: counts[CorpusSource.laBonneAlternance.rawValue],
                missions: counts[CorpusSource.serviceCivique.rawValue]
            ),
            vacancies: Vacancies(
                communes: communes,
                seed: seed,
                vocabulary: vocabulary,
                untilMs: untilMs
            ),
            composer: Composer(vocabulary: vocabulary)
        )
    }

    /// How many lines a source's file has.
    public func count(of source: CorpusSource) -> Int { counts[source.rawValue] }

    /// The file of a source, one offer a line, in pieces of at least `pieceBytes` and at most one
    /// line more.
    public func file(of source: CorpusSource, pieceBytes: Int = 1 << 18) -> CorpusFile {
        CorpusFile(
            writer: writer,
            source: source,
            count: count(of: source),
            pieceBytes: pieceBytes
        )
    }

    /// The lines of a source's file that an import must refuse, and those that repeat the line before.
    public func flaws(of source: CorpusSource) -> (broken: Int, repeated: Int) {
        var broken = 0
        var repeated = 0
        for index in 0..<count(of: source) {
            switch writer.flaw(source, index) {
            case .none: continue
            case .broken: broken += 1
            case .repeated: repeated += 1
            }
        }
        return (broken, repeated)
    }

    /// The pairs of offers that are the same vacancy: ids as the offers service has them.
    public var duplicates: [(String, String)] {
        func id(_ source: CorpusSource, _ index: Int) -> String {
            "\(source.name):\(String(decoding: writer.id(source, index), as: UTF8.self))"
        }
        let sharing = writer.sharing
        var pairs: [(String, String)] = []
        for index in 0..<sharing.counts.apprenticeships {
            guard let job = sharing.job(ofApprenticeship: index) else { continue }
            pairs.append((id(.franceTravail, job), id(.laBonneAlternance, index)))
        }
        for index in 0..<sharing.counts.missions {
            guard let job = sharing.job(ofMission: index) else { continue }
            pairs.append((id(.franceTravail, job), id(.serviceCivique, index)))
        }
        for job in sharing.republishedJobs {
            pairs.append((id(.franceTravail, job), id(.franceTravail, job + 1)))
        }
        return pairs
    }
}

/// A source's file in pieces of whole lines.
public struct CorpusFile: Sequence, IteratorProtocol, Sendable {
    /// How many lines the pieces so far held.
    public private(set) var linesWritten = 0

    private var writer: OfferWriter
    private let source: CorpusSource
    private let count: Int
    private let pieceBytes: Int

    init(writer: OfferWriter, source: CorpusSource, count: Int, pieceBytes: Int) {
        self.writer = writer
        self.source = source
        self.count = count
        self.pieceBytes = pieceBytes
    }

    /// The next piece; `nil` behind the last.
    public mutating func next() -> [UInt8]? {
        guard linesWritten < count else { return nil }
        var line = JSONLine()
        line.bytes.reserveCapacity(pieceBytes + 8_192)
        while linesWritten < count, line.bytes.count < pieceBytes {
            writer.write(source, linesWritten, into: &line)
            line.bytes.append(0x0A)
            linesWritten += 1
        }
        return line.bytes
    }
}
