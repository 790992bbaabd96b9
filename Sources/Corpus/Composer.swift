import ClientKit

/// Writes the texts of offers: 80 to 300 words of which few come often and most come seldom.
struct Composer {
    let vocabulary: Vocabulary
    /// The text last written, escaped for JSON.
    private(set) var text: [UInt8] = []
    /// Where its sentences end.
    private(set) var ends: [Int] = []
    private var words = 0

    init(vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
    }

    /// What a text is about.
    struct Subject {
        let domain: Int
        /// The card's number: each trade prefers other words of its domain.
        let card: Int
        let title: [UInt8]
        let company: [UInt8]
        let city: [UInt8]
        let isNamed: Bool
    }

    /// Writes the text of `subject`; the same seed gives the same text.
    mutating func compose(_ subject: Subject, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        text.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        words = 0
        // The shorter the more often, as in real offers.
        let share = random.unit()
        let wanted = 80 + Int(share * share * 220)
        opening(subject, &random)
        heading("Vos missions :")
        while words < wanted * 6 / 10 { mission(subject, &random) }
        heading("Votre profil :")
        var turn = 0
        while words < wanted * 8 / 10 {
            profile(subject, turn, &random)
            turn += 1
        }
        while words < wanted { closing(subject, &random) }
    }

    private mutating func opening(_ subject: Subject, _ random: inout SeededGenerator) {
        let domain = vocabulary.domains[subject.domain]
        if subject.isNamed {
            add(subject.company)
        } else {
            add(random.chance(5_000) ? "Notre client" : "Notre entreprise")
        }
        add(", ")
        add(vocabulary.nouns.draw(&random))
        add(" ")
        add(vocabulary.describers.draw(&random))
        add(" dans ")
        add(domain.trade)
        add(", recrute pour son site de ")
        add(subject.city)
        add(" : ")
        add(subject.title)
        end()
    }

    private mutating func mission(_ subject: Subject, _ random: inout SeededGenerator) {
        let domain = vocabulary.domains[subject.domain]
        text.append(contentsOf: Self.newLine)
        add("- ")
        add(domain.deeds.draw(&random, from: subject.card))
        add(" ")
        add(domain.objects.draw(&random, from: subject.card))
        if random.chance(3_000) {
            add(" et ")
            add(domain.objects.draw(&random, from: subject.card))
        }
        add(" ")
        add(vocabulary.manners.draw(&random))
        ends.append(text.count)
    }

    private mutating func profile(
        _ subject: Subject,
        _ turn: Int,
        _ random: inout SeededGenerator
    ) {
        switch turn % 4 {
        case 0:
            add(" Vous êtes ")
            add(vocabulary.qualities.draw(&random))
            add(", ")
            add(vocabulary.qualities.draw(&random))
            add(" et ")
            add(vocabulary.qualities.draw(&random))
        case 1:
            add(" La maîtrise de ")
            add(vocabulary.domains[subject.domain].skills.draw(&random, from: subject.card))
            add(" est un atout")
        case 2:
            add(" Une expérience de ")
            text.append(UInt8(ascii: "1") + UInt8(random.below(5)))
            add(" ans en ")
            add(vocabulary.nouns.draw(&random))
            add(" ou en ")
            add(vocabulary.nouns.draw(&random))
            add(" est appréciée")
        default:
            add(" Vous connaissez ")
            add(vocabulary.domains[subject.domain].objects.draw(&random, from: subject.card))
            add(" et vous avez le goût de ")
            add(vocabulary.nouns.draw(&random))
        }
        end()
    }

    private mutating func closing(_ subject: Subject, _ random: inout SeededGenerator) {
        switch random.below(10) {
        case 0..<5:
            add(" ")
            add(vocabulary.boilerplate.draw(&random))
            ends.append(text.count)
        case 5..<9:
            add(" Nous proposons ")
            add(vocabulary.nouns.draw(&random))
            add(", ")
            add(vocabulary.nouns.draw(&random))
            add(" et ")
            add(vocabulary.nouns.draw(&random))
            add(" ")
            add(vocabulary.describers.draw(&random))
            end()
        default:
            // References, names of persons and of products: words that come once.
            add(" Référence ")
            for _ in 0..<3 { text.append(UInt8(ascii: "A") + UInt8(random.below(26))) }
            text.append(contentsOf: String(random.below(100_000)).utf8)
            add(", contact ")
            add(vocabulary.families[random.below(vocabulary.families.count)])
            words += 2
            end()
        }
    }

    private static let newLine = Array("\\n".utf8)

    private mutating func heading(_ heading: StaticString) {
        text.append(contentsOf: Self.newLine)
        add(heading)
        ends.append(text.count)
    }

    private mutating func end() {
        text.append(UInt8(ascii: "."))
        ends.append(text.count)
    }

    private mutating func add(_ phrase: Vocabulary.Phrase) {
        text.append(contentsOf: phrase.bytes)
        words += phrase.words
    }

    private mutating func add(_ bytes: [UInt8]) {
        text.append(contentsOf: bytes)
        words += 2
    }

    private mutating func add(_ fixed: StaticString) {
        // Safety: a static string lives for ever and has as many bytes as it says.
        let bytes = UnsafeBufferPointer(start: fixed.utf8Start, count: fixed.utf8CodeUnitCount)
        text.append(contentsOf: bytes)
        // What stands first belongs to the word before it.
        words += zip(bytes, bytes.dropFirst()).count(where: { $0 == 0x20 && $1 != 0x20 })
    }

    /// The text as another source shows it: some sentences left out, sometimes cut short.
    func retold(_ random: inout SeededGenerator, into line: inout JSONLine) {
        let last = random.chance(2_500) ? max(1, ends.count * 7 / 10) : ends.count
        var start = 0
        for (number, end) in ends.enumerated() {
            let isKept = number < last && (number == 0 || !random.chance(800))
            if isKept { line.bytes.append(contentsOf: text[start..<end]) }
            start = end
        }
        if last < ends.count { line.raw("...") }
    }
}
