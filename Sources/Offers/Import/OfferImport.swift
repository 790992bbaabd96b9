import Contracts
import RPC

/// One import under way: from bytes to stored offers, a batch at a time.
///
/// Taking a piece waits until the batches it filled are stored, which is what slows down a sender
/// that is faster than the disk. Offers that are stored already cost a look-up and no write.
struct OfferImport {
    let source: OfferSource
    private let store: OfferStore
    private let context: ImportContext
    private var splitter = OfferSplitter()
    private var batch: [Candidate] = []
    private var recent = RecentOffers()
    private var response = ImportOffersResponse()
    /// What the file holds, if it is to hold all that the source has.
    private var listing: Listing?

    /// An offer that waits for its batch to be full.
    private struct Candidate {
        let line: Int
        let parsed: ParsedOffer
        let contentHash: Int64
    }

    init(source: OfferSource, isComplete: Bool, store: OfferStore, context: ImportContext) {
        self.source = source
        self.store = store
        self.context = context
        listing = isComplete ? Listing() : nil
    }

    /// Whether the file is to hold all that the source has.
    var isComplete: Bool { listing != nil }

    /// Takes the next piece of the file.
    mutating func take(_ piece: [UInt8]) async throws {
        for event in splitter.push(piece) { try await handle(event) }
    }

    /// Says that the file ends here; answers what became of its offers.
    ///
    /// Of a complete file, closes what it lacks, if all of it was read.
    mutating func finish() async throws -> ImportOffersResponse {
        for event in splitter.finish() { try await handle(event) }
        try await flush()
        guard var listing else { return response }
        self.listing = nil
        if splitter.isCutShort { listing.spoil("The file was cut short.") }
        if let fault = listing.fault {
            response.incomplete = "\(fault) Nothing was closed."
            return response
        }
        let keeper = SourceKeeper(offers: store)
        let settled = try await keeper.settle(listing, from: source)
        response.closed = UInt32(clamping: settled.closed)
        response.waiting = UInt32(clamping: settled.waiting)
        return response
    }

    private mutating func handle(_ event: OfferSplitter.Event) async throws {
        switch event {
        case .fault(let line, let reason):
            refuse(line, OfferRefusal(field: "", reason: reason))
        case .offer(let bytes, let line, let collection):
            do throws(OfferRefusal) {
                try add(bytes, line, collection)
            } catch {
                refuse(line, error)
            }
            if batch.count == OfferLimits.batchOffers { try await flush() }
        }
    }

    private mutating func add(
        _ bytes: [UInt8],
        _ line: Int,
        _ collection: String
    ) throws(OfferRefusal) {
        let parsed = try OfferParser.parse(
            Self.json(bytes),
            collection: collection,
            source: source,
            in: context
        )
        let contentHash = try Self.contentHash(parsed)
        listing?.note(parsed.id)
        switch recent.note(parsed.id, contentHash) {
        case .new: batch.append(Candidate(line: line, parsed: parsed, contentHash: contentHash))
        case .repeated: response.same += 1
        case .contradicted:
            // Storing both in turn would make each import of this file change something.
            throw OfferRefusal(
                id: parsed.id,
                field: "id",
                reason: "The id came before in this file with other content, which was kept."
            )
        }
    }

    private static func json(_ bytes: [UInt8]) throws(OfferRefusal) -> JSONValue {
        do throws(JSONFault) {
            return try JSONParser.parse(bytes)
        } catch {
            throw OfferRefusal(field: "", reason: "The JSON \(error.reason).")
        }
    }

    private static func contentHash(_ parsed: ParsedOffer) throws(OfferRefusal) -> Int64 {
        // Encoding fails only for text with NUL, of which cleaning leaves none.
        guard let bytes = try? parsed.offer.serializedBytes() else {
            throw OfferRefusal(id: parsed.id, field: "", reason: "The offer cannot be encoded.")
        }
        var fingerprint = Fingerprint()
        fingerprint.add(bytes)
        fingerprint.add(parsed.siret)
        return fingerprint.signed
    }

    private mutating func refuse(_ line: Int, _ refusal: OfferRefusal) {
        response.refused += 1
        // The source has it, whatever is wrong with it.
        if let id = try? source.offerID(refusal.id) { listing?.note(id) }
        guard response.faults.count < OfferLimits.faultsMax else { return }
        response.faults.append(
            OfferFault(
                line: UInt32(clamping: line),
                id: PlainText.line(refusal.id, bytesMax: OfferLimits.idBytesMax),
                field: refusal.field,
                reason: refusal.reason
            )
        )
    }

    private mutating func flush() async throws {
        guard !batch.isEmpty else { return }
        let stored = try await store.contentHashes(of: batch.map(\.parsed.id))
        let fresh = batch.filter { stored[$0.parsed.id] != $0.contentHash }
        response.same += UInt32(batch.count - fresh.count)
        batch.removeAll(keepingCapacity: true)
        guard !fresh.isEmpty else { return }
        let outcome = try await store.save(Self.drafts(fresh), of: source)
        response.created += outcome.created
        response.changed += outcome.changed
        response.same += outcome.same
    }

    /// Analysing texts is the larger part of the work; it is done before the write begins.
    private static func drafts(_ candidates: [Candidate]) -> [OfferStore.Draft] {
        let analyzer = TextAnalyzer()
        let twins = TwinReader()
        return candidates.map { candidate in
            OfferStore.Draft(
                parsed: candidate.parsed,
                contentHash: candidate.contentHash,
                document: OfferDocument(candidate.parsed.offer, analyzer),
                twin: twins.traits(of: candidate.parsed)
            )
        }
    }
}
