/// Which offers of the corpus are the same vacancy.
///
/// France Travail's file holds vacancies that other sources show as well, and some that it
/// republished under another id. Their places in the file, its slots, are spread evenly.
struct Sharing: Sendable {
    private let jobs: Int
    private let apprenticeships: Int
    private let missions: Int
    private let republished: Int
    /// Spreads the three sorts over the slots.
    private let stride: Int
    private var slots: Int { apprenticeships + missions + republished }

    /// What else stands for the vacancy of an offer of France Travail.
    enum Role: Equatable {
        case alone
        /// The apprenticeship of this number shows the same vacancy.
        case withApprenticeship(Int)
        /// The mission of this number shows the same vacancy.
        case withMission(Int)
        /// The next offer of the file is the same, under another id.
        case withNext
        /// The offer before it in the file is the same, under another id.
        case withPrevious
    }

    /// Three tenths of the apprenticeships, a tenth of the missions and one job in a hundred have
    /// another, if there are jobs enough.
    init(jobs: Int, apprenticeships: Int, missions: Int) {
        self.jobs = jobs
        let room = jobs / 4
        self.apprenticeships = min(room, apprenticeships * 3 / 10)
        self.missions = min(room / 2, missions / 10)
        republished = min(room / 2, jobs / 100)
        let slots = self.apprenticeships + self.missions + republished
        stride = [7_919, 6_661, 104_729, 1].first { Self.divisor($0, max(1, slots)) == 1 } ?? 1
    }

    private static func divisor(_ a: Int, _ b: Int) -> Int {
        b == 0 ? a : divisor(b, a % b)
    }

    /// What the offer at `index` of France Travail's file is.
    func role(ofJob index: Int) -> Role {
        if let slot = slot(at: index) {
            let place = place(ofSlot: slot)
            if place < apprenticeships { return .withApprenticeship(place) }
            if place < apprenticeships + missions { return .withMission(place - apprenticeships) }
            return .withNext
        }
        guard index > 0, let slot = slot(at: index - 1) else { return .alone }
        return place(ofSlot: slot) >= apprenticeships + missions ? .withPrevious : .alone
    }

    /// The index of the job that shows the same vacancy as an apprenticeship.
    func job(ofApprenticeship index: Int) -> Int? {
        index < apprenticeships ? self.index(ofSlot: slot(ofPlace: index)) : nil
    }

    /// The index of the job that shows the same vacancy as a mission.
    func job(ofMission index: Int) -> Int? {
        index < missions ? self.index(ofSlot: slot(ofPlace: apprenticeships + index)) : nil
    }

    /// The indexes of the jobs that were republished, each as the next of the file.
    var republishedJobs: some Sequence<Int> {
        (0..<republished).lazy.map { place in
            self.index(ofSlot: self.slot(ofPlace: self.apprenticeships + self.missions + place))
        }
    }

    /// How many vacancies apprenticeships share with jobs, and missions.
    var counts: (apprenticeships: Int, missions: Int) { (apprenticeships, missions) }

    private func index(ofSlot slot: Int) -> Int { slot * jobs / slots }

    private func slot(at index: Int) -> Int? {
        guard slots > 0 else { return nil }
        let slot = (index * slots + jobs - 1) / jobs
        return slot < slots && self.index(ofSlot: slot) == index ? slot : nil
    }

    private func place(ofSlot slot: Int) -> Int { slot * stride % slots }

    private func slot(ofPlace place: Int) -> Int { place * inverse % slots }

    private var inverse: Int { Self.inverse(stride, slots) }

    /// The number that undoes a multiplication by `stride` modulo `modulus`.
    private static func inverse(_ stride: Int, _ modulus: Int) -> Int {
        guard modulus > 1 else { return 0 }
        var (old, current) = (stride % modulus, modulus)
        var (oldFactor, factor) = (1, 0)
        while current != 0 {
            let quotient = old / current
            (old, current) = (current, old - quotient * current)
            (oldFactor, factor) = (factor, oldFactor - quotient * factor)
        }
        return (oldFactor % modulus + modulus) % modulus
    }
}
