import ClientKit

/// Writes the offers of a corpus, any of them at any time.
struct OfferWriter: Sendable {
    let seed: UInt64
    let sharing: Sharing
    let vacancies: Vacancies
    var composer: Composer

    /// What is wrong with a line, on purpose.
    enum Flaw {
        case none
        /// No import can take it.
        case broken
        /// The same as the line before.
        case repeated
    }

    /// Random numbers of one offer of one source, apart for each purpose.
    func random(_ source: CorpusSource, _ index: Int, purpose: UInt64 = 0) -> SeededGenerator {
        let stream = UInt64(index) << 8 | UInt64(source.rawValue) << 4 | purpose
        return SeededGenerator(seed: seed, stream: stream)
    }

    /// Two lines in 10,000 are broken and one repeats the line before; none of those that are known
    /// to be the same vacancy.
    func flaw(_ source: CorpusSource, _ index: Int) -> Flaw {
        guard !isShared(source, index) else { return .none }
        var random = random(source, index, purpose: 1)
        switch random.below(10_000) {
        case 0, 1: return .broken
        case 2:
            let follows = index > 0 && !isShared(source, index - 1)
            return follows && flaw(source, index - 1) == .none ? .repeated : .none
        default: return .none
        }
    }

    private func isShared(_ source: CorpusSource, _ index: Int) -> Bool {
        switch source {
        case .franceTravail: sharing.role(ofJob: index) != .alone
        case .laBonneAlternance: index < sharing.counts.apprenticeships
        case .serviceCivique: index < sharing.counts.missions
        case .immersionFacilitee: false
        }
    }

    /// Writes one line, without its end.
    mutating func write(_ source: CorpusSource, _ index: Int, into line: inout JSONLine) {
        switch flaw(source, index) {
        case .broken:
            return writeBroken(source, index, into: &line)
        case .repeated:
            return writeOffer(source, index - 1, into: &line)
        case .none:
            return writeOffer(source, index, into: &line)
        }
    }

    private mutating func writeOffer(
        _ source: CorpusSource,
        _ index: Int,
        into line: inout JSONLine
    ) {
        switch source {
        case .franceTravail: writeJob(index, into: &line)
        case .laBonneAlternance: writeApprenticeship(index, into: &line)
        case .serviceCivique: writeMission(index, into: &line)
        case .immersionFacilitee: writeImmersion(index, into: &line)
        }
    }

    /// Lines that are no offers: broken off, an error's text, without id, without title.
    private func writeBroken(
        _ source: CorpusSource,
        _ index: Int,
        into line: inout JSONLine
    ) {
        switch index % 4 {
        case 0: line.raw(#"{"id":"1","intitule":"Vend"#)
        case 1: line.raw(#"{"ok":false,"data":null,"error":"INTERNAL_ERROR"}"#)
        case 2: line.raw(#"{"intitule":"Vendeur","title":"Vendeur","siret":null}"#)
        default:
            line.raw("{")
            line.text("id", id(source, index))
            line.raw("}")
        }
    }

    /// The source's own id of an offer.
    func id(_ source: CorpusSource, _ index: Int) -> [UInt8] {
        switch source {
        case .franceTravail: jobID(index)
        case .immersionFacilitee: []
        case .laBonneAlternance, .serviceCivique: Self.hexID(random(source, index, purpose: 2))
        }
    }

    /// 24 hexadecimal digits, as databases of documents give them.
    private static func hexID(_ random: SeededGenerator) -> [UInt8] {
        var random = random
        let digits = Array("0123456789abcdef".utf8)
        let (high, low) = (random.next(), random.next())
        return (0..<24).map { place in
            let word = place < 12 ? high : low
            return digits[Int(word >> UInt64(4 * (place % 12)) & 0xF)]
        }
    }

    /// Three digits and four letters: the index times a number that shares no divisor with their
    /// 456,976,000 combinations, so that each comes once.
    private func jobID(_ index: Int) -> [UInt8] {
        let combinations = 456_976_000
        let start = Int(seed % 1_000_003)
        var rest = (index * 100_003 + start) % combinations
        var id = JSONLine()
        id.padded(rest % 1_000, 3)
        rest /= 1_000
        for _ in 0..<4 {
            id.bytes.append(UInt8(ascii: "A") + UInt8(rest % 26))
            rest /= 26
        }
        return id.bytes
    }
}

extension OfferWriter {
    /// Adds the description of a vacancy, retold with the random numbers of the source, if it is
    /// known elsewhere as well.
    mutating func writeText(
        _ name: StaticString,
        of vacancy: Vacancy,
        isRetold: Bool,
        _ random: inout SeededGenerator,
        into line: inout JSONLine
    ) {
        composer.compose(subject(of: vacancy), seed: vacancy.textSeed)
        line.key(name)
        line.raw("\"")
        if isRetold {
            composer.retold(&random, into: &line)
        } else {
            line.raw(composer.text)
        }
        if random.chance(400) {
            line.raw(Oddities.sentences[random.below(Oddities.sentences.count)])
        }
        line.raw("\"")
    }

    private func subject(of vacancy: Vacancy) -> Composer.Subject {
        let card = vacancies.trades.cards[vacancy.card]
        let mission = MissionWords.all[vacancy.mission]
        let isMission = vacancy.kind == .civicService
        return Composer.Subject(
            domain: isMission ? mission.number : card.domain,
            card: isMission ? vacancy.mission : vacancy.card,
            title: isMission
                ? mission.titleBytes[vacancy.missionTitle] : card.names[vacancy.name].masculine,
            company: vacancy.company.name,
            city: vacancies.communes[vacancy.commune].name,
            isNamed: vacancy.textSeed % 10 < 6
        )
    }

    /// Adds the title as sources word it: for both genders, for one, in capitals.
    func writeTitle(
        _ name: StaticString,
        of vacancy: Vacancy,
        _ random: inout SeededGenerator,
        into line: inout JSONLine
    ) {
        line.key(name)
        line.raw("\"")
        defer { line.raw("\"") }
        if vacancy.kind == .civicService {
            return line.raw(MissionWords.all[vacancy.mission].titleBytes[vacancy.missionTitle])
        }
        let trade = vacancies.trades.cards[vacancy.card].names[vacancy.name]
        if vacancy.kind == .apprenticeship, random.chance(4_000) { line.raw("Alternance - ") }
        switch random.below(100) {
        case 0..<35:
            line.raw(trade.full)
            line.raw(" (H/F)")
        case 35..<55:
            line.raw(trade.masculine)
            line.raw(" (H/F)")
        case 55..<70:
            line.raw(trade.masculine)
            line.raw(" H/F")
        case 70..<80:
            line.raw(trade.shouted)
            line.raw(" H/F")
        case 80..<84: line.raw(trade.full)
        case 84..<88:
            line.raw(trade.feminine)
            line.raw(" (F/H)")
        case 88..<94:
            line.raw(trade.masculine)
            line.raw(" - ")
            line.raw(vacancies.communes[vacancy.commune].name)
        case 94..<97:
            line.raw(trade.masculine)
            line.raw(" F/H - URGENT")
        default:
            line.raw(trade.masculine)
            line.raw(" (H/F) (H/F)")
        }
    }

    /// A point in the commune, in millionths of degrees: within a kilometre or two of its middle.
    func point(
        _ commune: CorpusCommune,
        _ random: inout SeededGenerator
    ) -> (latitude: Int, longitude: Int) {
        (
            commune.latitude + random.below(20_000) - 10_000,
            commune.longitude + random.below(20_000) - 10_000
        )
    }
}

/// What real answers hold at a low rate.
enum Oddities {
    /// Sentences at the end of a text, escaped for JSON: entities, tags escaped or not, characters
    /// that were lost, invisible ones, a text decoded twice.
    static let sentences: [StaticString] = [
        " Salaire : 2 000 &euro; brut &amp; primes.",
        #"&lt;br&gt;&lt;b&gt;Avantages&lt;/b&gt; : repas, transport."#,
        "<p>Envoyez votre <strong>CV</strong>.</p><br/>",
        "<script>alert(1)</script>",
        " R\u{FFFD}mun\u{FFFD}ration attractive.",
        " Salaire\u{A0}: 1\u{202F}900\u{A0}€.",
        " Horaires\u{2028}de jour.\u{2029}",
        "\u{FEFF} Poste en CDI.",
        " Une Ã©quipe trÃ¨s motivÃ©e.",
        #" Travail à l\u0027intérieur \ud83d\ude42."#,
        #"\r\n\r\n\tTemps complet\n\n\n"#,
    ]
}
