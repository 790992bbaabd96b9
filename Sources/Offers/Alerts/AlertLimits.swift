/// The bounds of saved searches, suggestions and pursuits, with unit and reason.
enum AlertLimits {
    /// Saved searches of one young person: more would be a stream that nobody reads.
    static let searchesPerPersonMax = 20
    /// Saved searches in all: 400,000 young people with two and a half each.
    ///
    /// The index in memory takes some 300 bytes for each.
    static let searchesMax: Int64 = 1_000_000
    /// Characters of a search's name: one line of a notice.
    static let nameMax = 100
    /// Offers kept with a search, and told in one change: what a person looks through.
    static let foundKept = 20

    /// New offers compared in one pass.
    ///
    /// A larger pass makes fewer changes, a smaller one earlier ones: this many take some seconds.
    static let arrivalsPerPassMax: Int64 = 10_000
    /// New offers read at once, some 2 MiB.
    static let arrivalsPerRead = 250
    /// Matches held by one pass, 8 bytes each; a pass ends early when they are reached.
    static let matchesPerPassMax = 12_000_000
    /// Searches brought up to date in one transaction: some 10 ms, so that other writers hardly
    /// wait.
    static let searchesPerWrite = 256
    /// Saved searches read at once into the index.
    static let searchesPerRead = 2_000
    /// Words and cells whose frequency is counted; what comes later is taken for rare.
    static let keysCountedMax = 200_000
    /// Offers whose words are counted, to know rare from common.
    static let offersCountedMax = 20_000
    /// How often new offers are looked for while there are none.
    static let pollInterval = Duration.seconds(2)
    /// The wait after a failure.
    static let retryDelay = Duration.seconds(5)

    /// Young people that one suggestion may reach: a counsellor follows 40, at most 80.
    static let suggestionTargetsMax = 100
    /// Suggestions of one young person that wait for an answer.
    static let suggestionsWaitingMax = 100

    /// Offers that one young person pursues; beyond, the oldest that was only seen is forgotten.
    static let pursuitsMax = 2_000
    /// Days back that a step may be dated, and days ahead for an interview.
    static let stepDaysMax = 365
}
