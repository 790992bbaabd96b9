/// Every bound of this service, with its unit and reason.
enum OfferLimits {
    /// Bytes of one piece of an imported file: what the schema promises.
    static let pieceBytesMax = 256 * 1024
    /// Bytes of one offer in a file; real ones stay below 20 KiB.
    static let offerBytesMax = 256 * 1024
    /// Levels of nesting in a file, a bit of the splitter for each; real answers have 7.
    static let nestingMax = 64
    /// Offers written in one transaction: few enough that other writers wait milliseconds only.
    static let batchOffers = 500
    /// Refusals told by an import; the others are only counted.
    static let faultsMax = 100
    /// Ids remembered to notice the same offer twice in a file: repeats come from pages that
    /// shifted while they were fetched, so they lie near each other.
    static let recentIDs = 65_536

    /// Offers of one complete file: eight bytes of memory each.
    static let listingMax = 4_000_000
    /// Share of a source's open offers that a complete file closes without asking: more of them do
    /// not go in a day, but a file may be at fault.
    static let closingShareMax = 0.3
    /// Offers that are the same job; real ones have two or three.
    static let twinsMax = 16
    /// Offers with the same title, or company and word, in the same place that a new one is compared
    /// with: some microseconds each.
    static let twinCandidatesMax = 64

    /// Bytes of an id of a source.
    static let idBytesMax = 128
    /// Bytes of a title.
    static let titleBytesMax = 400
    /// Bytes of a company's name, a label, a salary.
    static let labelBytesMax = 400
    /// Bytes of a description; the longest real ones have 6,000.
    static let descriptionBytesMax = 20_000
    /// Bytes of an address on the web.
    static let urlBytesMax = 2_000
    /// Skills of one offer.
    static let skillsMax = 50

    /// Rows of a file of communes; France has 35,500.
    static let communesMax = 100_000
    /// Bytes of one line of a file of communes.
    static let communeLineBytesMax = 4_096

    /// Characters of a search's words.
    static let wordsMax = 200
    /// Words of a search that are looked up; what follows is ignored.
    static let tokensMax = 16
    /// ROME codes of a search.
    static let romesMax = 100
    /// Characters of a place.
    static let placeMax = 100
    /// How far offers are counted.
    static let totalMax = 1_000

    /// Saved offers of one young person.
    static let favouritesMax = 1_000
    /// Characters of a message to a company.
    static let messageMax = 512
    /// Days between two messages of one young person to one company.
    static let daysBetweenMessages: Int64 = 7
}
