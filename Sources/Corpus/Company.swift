import ClientKit

/// A made-up employer.
struct Company {
    /// "Boulangerie Martin".
    let name: [UInt8]
    /// 14 digits.
    let siret: [UInt8]
}

/// Makes companies: the same place, trade and number give the same company.
struct Companies: Sendable {
    let seed: UInt64
    let vocabulary: Vocabulary
    private let chains: Weighted

    init(seed: UInt64, vocabulary: Vocabulary) {
        self.seed = seed
        self.vocabulary = vocabulary
        chains = .zipf(vocabulary.chains.count)
    }

    /// An employer in a commune: one in five offers is of a chain that is everywhere, the others are
    /// of houses of the place, of which a commune has one for each 2,000 inhabitants and domain.
    func draw(
        domain: Int,
        communeNumber: Int,
        _ commune: CorpusCommune,
        _ random: inout SeededGenerator
    ) -> Company {
        if random.chance(2_000) { return chain(chains.draw(&random), communeNumber) }
        let number = random.below(1 + commune.population / 2_000)
        let stream = UInt64(communeNumber) << 40 | UInt64(domain) << 32 | UInt64(number)
        var own = SeededGenerator(seed: seed ^ 0xC0, stream: stream)
        let name = localName(domain, commune, &own)
        return Company(name: name, siret: Self.digits(own.next(), 9) + Self.digits(own.next(), 5))
    }

    private func chain(_ number: Int, _ communeNumber: Int) -> Company {
        var own = SeededGenerator(seed: seed ^ 0xC1, stream: UInt64(number))
        let siren = Self.digits(own.next(), 9)
        return Company(
            name: vocabulary.chains[number],
            siret: siren + Self.digits(UInt64(communeNumber + 1), 5)
        )
    }

    private func localName(
        _ domain: Int,
        _ commune: CorpusCommune,
        _ random: inout SeededGenerator
    ) -> [UInt8] {
        let houses = vocabulary.domains[domain].houses
        let house = houses[random.below(houses.count)]
        switch random.below(10) {
        case 0..<4:
            let family = vocabulary.families[random.below(vocabulary.families.count)]
            return house + [0x20] + family
        case 4..<7: return house + [0x20] + inventedName(&random)
        case 7: return house + Array(" de ".utf8) + commune.name
        case 8: return inventedName(&random) + Array(" SARL".utf8)
        default: return inventedName(&random)
        }
    }

    /// Three or four syllables: "Norvalis".
    private func inventedName(_ random: inout SeededGenerator) -> [UInt8] {
        var name: [UInt8] = []
        for _ in 0..<(3 + random.below(2)) {
            name += vocabulary.syllables[random.below(vocabulary.syllables.count)]
        }
        return Texts.capitalised(name)
    }

    private static func digits(_ number: UInt64, _ count: Int) -> [UInt8] {
        var digits: [UInt8] = []
        var rest = number
        for _ in 0..<count {
            digits.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        }
        return digits
    }
}
