public import Contracts
public import RPC
import ServiceKit

extension OffersService {
    /// Brings in offers of one source from a file that comes in pieces.
    ///
    /// What was read before a broken place, or before the caller goes away, stays. Safe to repeat.
    /// A complete file closes what it lacks at its end.
    ///
    /// - Throws: INVALID_ARGUMENT for a missing or changing source, or a piece that is too large.
    public func importOffers(
        _ requests: RequestStream<ImportOffersRequest>,
        _ call: CallContext
    ) async throws -> ImportOffersResponse {
        let context = ImportContext(communes: try await communes.table(), now: now())
        // Parsing would hold up the event loop that this call came on.
        return try await withTaskExecutorPreference(globalConcurrentExecutor) {
            var pieces = requests.makeAsyncIterator()
            guard var piece = try await pieces.next() else {
                throw RPCError.badField("source", "must be given in the first piece")
            }
            let source = try Check.known(piece.source, "source")
            var running = OfferImport(
                source: source,
                isComplete: piece.complete,
                store: offers,
                context: context
            )
            while true {
                guard piece.source == .unspecified || piece.source == source else {
                    throw RPCError.badField("source", "must be the same in all pieces")
                }
                guard piece.data.count <= OfferLimits.pieceBytesMax else {
                    throw RPCError.badField("data", "must be at most 256 KiB a piece")
                }
                try await running.take(piece.data)
                guard let next = try await pieces.next() else { break }
                piece = next
            }
            let isComplete = running.isComplete
            let response = try await running.finish()
            try await SourceStore(database: offers.database).record(
                response,
                from: source,
                error: response.incomplete,
                isComplete: isComplete,
                at: now()
            )
            return response
        }
    }
}
