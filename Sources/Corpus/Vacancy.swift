import ClientKit

/// A vacancy as it is, before a source words it: what several sources may tell of the same.
struct Vacancy {
    enum Kind {
        case job, apprenticeship, civicService
    }

    let kind: Kind
    /// Numbers of the card, of one of its names, and of the commune.
    let card: Int
    let name: Int
    let commune: Int
    /// The number of the mission, for civic service.
    let mission: Int
    let missionTitle: Int
    let company: Company
    let publishedMs: Int64
    let months: Int
    let textSeed: UInt64
}

/// Draws vacancies.
struct Vacancies: Sendable {
    let trades: Trades
    let communes: [CorpusCommune]
    let companies: Companies
    let untilMs: Int64
    private let places: Weighted
    private let missions = Weighted.zipf(MissionWords.all.count)

    /// The oldest offer's age.
    static let daysMax = 120.0

    init(communes: [CorpusCommune], seed: UInt64, vocabulary: Vocabulary, untilMs: Int64) {
        trades = Trades()
        self.communes = communes
        self.untilMs = untilMs
        companies = Companies(seed: seed, vocabulary: vocabulary)
        places = Weighted(communes.map(\.population))
    }

    func drawCommune(_ random: inout SeededGenerator) -> Int {
        places.draw(&random)
    }

    /// A vacancy of a kind.
    func draw(_ kind: Vacancy.Kind, _ random: inout SeededGenerator) -> Vacancy {
        let mission = missions.draw(&random)
        let words = MissionWords.all[mission]
        let card = trades.draw(&random)
        let name = trades.drawName(of: card, &random)
        let commune = drawCommune(&random)
        let domain = kind == .civicService ? words.number : trades.cards[card].domain
        let age = random.unit()
        return Vacancy(
            kind: kind,
            card: card,
            name: name,
            commune: commune,
            mission: mission,
            missionTitle: random.below(words.titles.count),
            company: companies.draw(
                domain: domain,
                communeNumber: commune,
                communes[commune],
                &random
            ),
            // Squared: half of the offers are younger than a month.
            publishedMs: untilMs - Int64(age * age * Self.daysMax * Double(Calendar.dayMs)),
            months: kind == .job ? 1 + random.below(18) : 6 + random.below(18),
            textSeed: random.next()
        )
    }
}

extension MissionWords {
    /// The place of its letter in `DomainWords.letters`.
    var number: Int {
        var number = 0
        for other in DomainWords.letters {
            if other == letter { return number }
            number += 1
        }
        return 12
    }
}
