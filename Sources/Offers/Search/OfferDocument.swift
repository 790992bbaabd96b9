import Contracts
import RPC

/// What the index holds of one offer.
///
/// Whoever changes the analysis or the choice below changes `Segment.version`, so that the index is
/// made anew.
struct OfferDocument: Sendable, Equatable {
    /// Tokens parted by spaces.
    let title: String
    /// The trade, as the ROME names it.
    let trade: String
    let body: String
    /// See `OfferTags`.
    let tags: String
    let facts: OfferFacts

    init(_ offer: Offer, _ analyzer: borrowing TextAnalyzer) {
        let summary = offer.summary ?? OfferSummary()
        let isImmersion = summary.kind == .immersion
        title = analyzer.tokens(summary.title)
        // A company's trades are what an immersion is about.
        let trades = isImmersion ? [offer.romeLabel] + offer.skills : [offer.romeLabel]
        trade = analyzer.tokens(trades.joined(separator: "\n"))
        let texts = [
            summary.company, summary.place?.label ?? "", offer.description,
            offer.companyDescription,
        ]
        let rest = analyzer.tokens(
            (isImmersion ? texts : texts + offer.skills).joined(separator: "\n")
        )
        // Whoever looks for a word in title and body alone finds it in the trade as well.
        body = trade.isEmpty || rest.isEmpty ? trade + rest : "\(trade) \(rest)"
        tags = OfferTags.tokens(of: offer)
        facts = OfferFacts(summary, titleWords: title.isEmpty ? 0 : title.count { $0 == " " } + 1)
    }
}
