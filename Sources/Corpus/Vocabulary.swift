import ClientKit

/// All phrases, ready to be written.
struct Vocabulary: Sendable {
    struct Phrase: Sendable {
        let bytes: [UInt8]
        let words: Int

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            words = bytes.split(separator: UInt8(ascii: " ")).count
        }
    }

    /// Phrases of which the first come most often.
    struct Ranked: Sendable {
        let phrases: [Phrase]
        private let weights: Weighted

        init(_ texts: [[UInt8]]) {
            phrases = texts.map(Phrase.init)
            weights = .zipf(texts.count)
        }

        func draw(_ random: inout SeededGenerator) -> Phrase {
            phrases[weights.draw(&random)]
        }

        /// Like `draw`, of an order that begins elsewhere: each trade prefers other phrases.
        func draw(_ random: inout SeededGenerator, from start: Int) -> Phrase {
            phrases[(weights.draw(&random) + start) % phrases.count]
        }
    }

    struct Domain: Sendable {
        let deeds: Ranked
        let objects: Ranked
        let skills: Ranked
        let trade: Phrase
        let houses: [[UInt8]]
    }

    let domains: [Domain]
    let manners = Ranked(Texts.list(CommonWords.manners))
    let qualities = Ranked(Texts.list(CommonWords.qualities))
    let nouns = Ranked(Texts.list(CommonWords.nouns))
    let describers = Ranked(Texts.list(CommonWords.describers))
    let boilerplate = Ranked(CommonWords.boilerplate.map(Texts.safe))
    let chains = Texts.list(CommonWords.chains)
    let syllables = Texts.list(CommonWords.syllables)
    let families = Texts.list(CommonWords.families)

    init() {
        domains = DomainWords.all.map { words in
            Domain(
                deeds: Ranked(words.deeds.map(Texts.safe)),
                objects: Ranked(words.objects.map(Texts.safe)),
                skills: Ranked(words.skills.map(Texts.safe)),
                trade: Phrase(Texts.safe(words.trade)),
                houses: words.houses.map(Texts.safe)
            )
        }
    }
}
