import Contracts

/// What tells whether two offers are the same job: where, who, what, when, and how it is told.
struct TwinTraits: Sendable, Equatable {
    /// Who shows it.
    let source: UInt8
    /// The commune, or in Paris, Lyon and Marseille the district, as a hash.
    let place: UInt64
    /// The company's name without its legal form, as a hash; 0 if unknown.
    let company: UInt64
    /// The company's number; 0 if unknown.
    let siret: UInt64
    /// When it was published, in days since 1970; 0 if unknown.
    let day: UInt32
    /// Hashes of the words of the title, without those that tell nothing of the job; rising.
    let title: [UInt32]
    /// The fingerprint of the text.
    let text: TextSketch

    /// Two copies of a job appear at most so many days apart.
    private static let daysMax: UInt32 = 60
    /// Without a text to compare, the dates must be nearer.
    private static let daysMaxWithoutText: UInt32 = 14

    /// How sure it is that `other` is the same job, the larger the surer; `nil` if it is not.
    func likeness(to other: TwinTraits) -> Double? {
        guard place == other.place, !isAnotherCompany(other) else { return nil }
        let days = daysApart(from: other)
        guard days ?? 0 <= Self.daysMax else { return nil }
        let titles = titleLikeness(to: other)
        guard titles >= 0.5 else { return nil }
        let isSameCompany = company != 0 && company == other.company
        // One source seldom shows a job twice; the more must be alike to believe it.
        let isSameSource = source == other.source
        let certainty = titles + (isSameCompany ? 0.5 : 0)
        guard let texts = text.likeness(to: other.text) else {
            let isNear = days.map { $0 <= Self.daysMaxWithoutText } ?? false
            return isSameCompany && titles == 1 && isNear && !isSameSource ? certainty : nil
        }
        let textMin = isSameSource ? 0.5 : isSameCompany ? 0.3 : 0.4
        return texts >= textMin ? certainty + texts : nil
    }

    /// Whether it cannot be the same job as any that is the same as `other`.
    func contradicts(_ other: TwinTraits) -> Bool {
        place != other.place || isAnotherCompany(other)
    }

    private func isAnotherCompany(_ other: TwinTraits) -> Bool {
        if siret != 0, siret == other.siret { return false }
        return company != 0 && other.company != 0 && company != other.company
    }

    private func daysApart(from other: TwinTraits) -> UInt32? {
        guard day != 0, other.day != 0 else { return nil }
        return day > other.day ? day - other.day : other.day - day
    }

    /// The share of words that both titles have.
    private func titleLikeness(to other: TwinTraits) -> Double {
        let shared = title.count { other.title.contains($0) }
        let all = title.count + other.title.count - shared
        return all == 0 ? 0 : Double(shared) / Double(all)
    }

    /// Under which keys others are looked for: all with the same title in the place, and those of the
    /// company in the place that share a word of the title.
    var keys: [Int64] {
        var first = Fingerprint()
        first.add(place)
        for word in title { first.add(UInt64(word)) }
        guard company != 0, let word = title.first else { return [first.signed] }
        var second = Fingerprint()
        second.add(place)
        second.add(company)
        second.add(UInt64(word))
        return [first.signed, second.signed]
    }
}

extension Fingerprint {
    /// Adds a number, its lowest byte first.
    mutating func add(_ number: UInt64) {
        add((0..<8).lazy.map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) })
    }
}
