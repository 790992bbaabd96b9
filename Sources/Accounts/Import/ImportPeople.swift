public import Contracts
public import RPC
import ServiceKit
import Storage

extension AccountsService {
    /// Brings in structures, counsellors and young people from one CSV file, sent in pieces.
    ///
    /// All or nothing, in one transaction; the same file again changes nothing. What the file does
    /// not mention stays as it is.
    ///
    /// - Throws: INVALID_ARGUMENT with up to 100 `ImportFault` details, the sentence naming the
    ///   first bad line; `AccountsError.importTooLarge`.
    public func importPeople(
        _ requests: RequestStream<ImportPeopleRequest>,
        _ call: CallContext
    ) async throws -> ImportPeopleResponse {
        // A piece takes milliseconds to read: not on an event loop, which has others to serve.
        let file = try await withTaskExecutorPreference(globalConcurrentExecutor) {
            var file = ImportFile()
            for try await request in requests {
                guard request.csv.count <= Limits.importPieceBytesMax else {
                    throw RPCError.badField("csv", "must be at most 256 KiB a piece")
                }
                try file.append(request.csv)
            }
            try file.finish()
            return file
        }
        let now = now()
        return try await database.write { transaction in
            let stored = try ImportSnapshot(for: file.lines, in: transaction)
            var planner = ImportPlanner(
                file.lines,
                stored: stored,
                faults: file.faults,
                newID: { ids.next(at: now) }
            )
            let plan = planner.plan()
            try planner.faults.check()
            try plan.store(at: now, in: transaction)
            return plan.counts
        }
    }
}
