import Contracts
import RPC

/// What the index holds of one offer: tokens, made anew from the offer when they must be taken out.
///
/// The index keeps no text, so that taking an offer out needs the very tokens it was put in with.
/// Whoever changes the analysis or the choice below must make the index anew.
struct OfferDocument: Sendable, Equatable {
    let title: String
    let body: String
    let tags: String

    init(_ offer: Offer, _ analyzer: borrowing TextAnalyzer) {
        let summary = offer.summary ?? OfferSummary()
        let isImmersion = summary.kind == .immersion
        // A company's trades are what an immersion is about, as a title is for others.
        let trades = isImmersion ? offer.skills : []
        title = analyzer.tokens(([summary.title] + trades).joined(separator: "\n"))
        let texts = [
            offer.romeLabel, summary.company, summary.place?.label ?? "", offer.description,
            offer.companyDescription,
        ]
        let body = isImmersion ? texts : texts + offer.skills
        self.body = analyzer.tokens(body.joined(separator: "\n"))
        tags = OfferTags.tokens(of: offer)
    }
}
