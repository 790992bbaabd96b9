public import Contracts
public import RPC

extension OffersService {
    /// Replaces the table of communes with one CSV file; all or nothing.
    ///
    /// - Throws: INVALID_ARGUMENT naming `csv` with a `CommuneFault` for each of the first 100 bad
    ///   lines.
    public func importCommunes(
        _ requests: RequestStream<ImportCommunesRequest>,
        _ call: CallContext
    ) async throws -> ImportCommunesResponse {
        // Reading a large file would hold up the event loop that this call came on.
        try await withTaskExecutorPreference(globalConcurrentExecutor) {
            var reader = CommuneCSV()
            for try await request in requests {
                guard request.csv.count <= OfferLimits.pieceBytesMax else {
                    throw RPCError.badField("csv", "must be at most 256 KiB a piece")
                }
                reader.push(request.csv)
            }
            reader.finish()
            guard reader.faults.isEmpty else { throw Self.refusal(reader.faults) }
            try await communes.replace(with: reader.communes)
            return ImportCommunesResponse(communes: UInt32(clamping: reader.communes.count))
        }
    }

    private static func refusal(_ faults: [CommuneFault]) -> RPCError {
        let first = faults.first.map { "line \($0.line): \($0.field) \($0.mend)" } ?? ""
        var error = RPCError.badField(
            "csv",
            "must be free of faults; nothing was changed. First, \(first)"
        )
        error.details += faults.compactMap { fault in
            // Faults quote nothing of the file, so that encoding them cannot fail.
            (try? fault.serializedBytes()).map {
                RPCError.Detail(type: CommuneFault.fullName, value: $0)
            }
        }
        return error
    }
}
