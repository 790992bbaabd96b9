public import Contracts
import RPC
import ServiceKit
import Storage

/// Saved searches that hear of new offers, and what counsellors suggest.
///
/// Each method has a file of its own name.
public struct AlertsService: AlertsServer {
    let searches: SavedSearchStore
    let suggestions: SuggestionStore
    let communes: CommuneDirectory
    let now: @Sendable () -> Timestamp

    /// Serves what is in the database of `offers`, with the same communes and clock.
    public init(beside offers: OffersService) {
        searches = SavedSearchStore(database: offers.offers.database)
        suggestions = SuggestionStore(database: offers.offers.database)
        communes = offers.communes
        now = offers.now
    }
}

/// Outcomes a caller can act on.
enum AlertsError: RPCFailure {
    case unknownSearch
    case searchExists
    case tooManySearches
    /// The whole service has as many as it can compare.
    case noRoomForSearches
    case unknownSuggestion
    case suggestionExists(field: String)
    case suggestionAnswered
    case tooManySuggestions(field: String)

    var rpcError: RPCError {
        switch self {
        case .unknownSearch:
            RPCError(.notFound, "There is no such search among yours.")
        case .searchExists:
            RPCError(
                .alreadyExists,
                "There is another search with this id; choose a new one, or use ChangeSearch."
            )
        case .tooManySearches:
            RPCError(
                .failedPrecondition,
                "At most \(AlertLimits.searchesPerPersonMax) searches can be saved; delete one first."
            )
        case .noRoomForSearches:
            RPCError(.resourceExhausted, "No more searches can be saved at the moment.")
        case .unknownSuggestion:
            RPCError(.notFound, "There is no such suggestion among yours.")
        case .suggestionExists(let field):
            RPCError(
                .alreadyExists,
                "\(field) is taken by another suggestion; choose a new one."
            )
        case .suggestionAnswered:
            RPCError(.failedPrecondition, "The suggestion was answered otherwise already.")
        case .tooManySuggestions(let field):
            RPCError(
                .failedPrecondition,
                "\(field) names a young person for whom \(AlertLimits.suggestionsWaitingMax) "
                    + "suggestions wait; let them answer first."
            )
        }
    }
}
