public import Contracts
import RPC
import ServiceKit
public import Storage

/// One search over jobs, apprenticeships, civic service and immersion; what a young person saved
/// and applied to; and the toolbox.
///
/// Each method has a file of its own name.
public struct OffersService: OffersServer {
    let offers: OfferStore
    let favourites: FavouriteStore
    let applications: ApplicationStore
    let communes: CommuneDirectory
    let now: @Sendable () -> Timestamp

    /// Serves what is in `database`, which holds the tables of `OffersSchema`.
    public init(database: Database, now: @escaping @Sendable () -> Timestamp) {
        offers = OfferStore(database: database, index: SearchIndex(database: database))
        favourites = FavouriteStore(database: database)
        applications = ApplicationStore(database: database)
        communes = CommuneDirectory(store: CommuneStore(database: database))
        self.now = now
    }
}

/// Outcomes a caller can act on.
enum OffersError: RPCFailure {
    case unknownOffer
    case applicationExists
    case tooManyFavourites
    /// The company was written to; from the given day on it may be written to again.
    case writtenTooRecently(again: LocalDay)
    case nowhereToApply

    var rpcError: RPCError {
        switch self {
        case .unknownOffer:
            RPCError(.notFound, "There is no such offer.")
        case .applicationExists:
            RPCError(.alreadyExists, "There is another application with this id.")
        case .tooManyFavourites:
            RPCError(
                .failedPrecondition,
                "At most \(OfferLimits.favouritesMax) offers can be saved; remove one first."
            )
        case .writtenTooRecently(let day):
            RPCError(
                .failedPrecondition,
                "This company was written to less than \(OfferLimits.daysBetweenMessages) days "
                    + "ago; it can be written to again from \(day)."
            )
        case .nowhereToApply:
            RPCError(
                .failedPrecondition,
                "This offer gives no address to apply at; its text may say how to apply."
            )
        }
    }
}

extension OffersService {
    /// Whose list a request asks for: the caller's own if it names nobody.
    ///
    /// - Throws: INVALID_ARGUMENT if a counsellor names nobody or the id is malformed.
    static func subject(_ requested: String, of caller: Caller) throws(RPCError) -> String {
        if !requested.isEmpty { return try Check.id(requested, "young_person_id") }
        guard case .youngPerson(let id) = caller else {
            throw .badField("young_person_id", "must name one of your young people")
        }
        return id
    }

    /// The young person who calls.
    ///
    /// - Throws: PERMISSION_DENIED for anyone else.
    static func youngPerson(_ caller: Caller) throws(RPCError) -> String {
        guard case .youngPerson(let id) = caller else {
            throw RPCError(.permissionDenied, "Only young people do this.")
        }
        return id
    }
}
