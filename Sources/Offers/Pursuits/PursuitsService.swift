public import Contracts
import RPC
import ServiceKit
import Storage

/// How young people pursue offers, from seen to answered.
///
/// Each method has a file of its own name.
public struct PursuitsService: PursuitsServer {
    let pursuits: PursuitStore
    let now: @Sendable () -> Timestamp

    /// Serves what is in the database of `offers`, with the same clock.
    public init(beside offers: OffersService) {
        pursuits = PursuitStore(database: offers.offers.database)
        now = offers.now
    }
}

/// Outcomes a caller can act on.
enum PursuitsError: RPCFailure {
    case nothingAsked
    case tooManyPursuits

    var rpcError: RPCError {
        switch self {
        case .nothingAsked:
            RPCError(
                .failedPrecondition,
                "The link of this offer was not followed: use RecordStep."
            )
        case .tooManyPursuits:
            RPCError(
                .failedPrecondition,
                "At most \(AlertLimits.pursuitsMax) offers can be pursued; take some steps back first."
            )
        }
    }
}
