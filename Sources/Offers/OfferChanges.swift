import Contracts
import RPC
import Storage

/// The changes of offers that one transaction makes: their rows, which are the same job, and which
/// ones searches find.
struct OfferChanges {
    private(set) var outcome = OfferStore.Outcome()
    /// Numbers of offers that searches find no more.
    private(set) var gone: [UInt32] = []
    /// Whether offers wait to be indexed, since the one that led them left.
    private(set) var hasPromoted = false
    /// New offers that searches find, in their order.
    private var arrived: [String] = []

    /// Stores a new or changed offer; the index holds it as `doc`, 0 if it is closed.
    mutating func save(
        _ draft: OfferStore.Draft,
        doc: UInt32,
        in transaction: Transaction
    ) throws {
        let id = draft.parsed.id
        let stored = try transaction.row(
            "SELECT doc, content_hash, closed FROM offer WHERE id = ?",
            [.text(id)]
        )
        // Another import may have stored the same since the batch was looked up.
        if try stored?.int("content_hash") == draft.contentHash {
            outcome.same += 1
            if doc > 0 { gone.append(doc) }
            return
        }
        if let old = try stored?.int("doc"), old > 0 {
            gone.append(UInt32(truncatingIfNeeded: old))
        }
        let place = try place(draft, isNew: stored == nil, in: transaction)
        // One that another leads is in the segment, but not found.
        if doc > 0, !place.isShown { gone.append(doc) }
        try OfferStore.store(draft, doc: doc, isShown: place.isShown, in: transaction)
        try count(draft, stored, isShown: place.isShown, in: transaction)
        try promote(place.promoted, in: transaction)
    }

    private func place(
        _ draft: OfferStore.Draft,
        isNew: Bool,
        in transaction: Transaction
    ) throws -> OfferTwins.Place {
        if draft.isClosed {
            let promoted = isNew ? [] : try OfferTwins.remove(draft.parsed.id, in: transaction)
            return OfferTwins.Place(isShown: false, promoted: promoted)
        }
        return try OfferTwins.place(draft.parsed.id, draft.twin, isNew: isNew, in: transaction)
    }

    private mutating func count(
        _ draft: OfferStore.Draft,
        _ stored: Row?,
        isShown: Bool,
        in transaction: Transaction
    ) throws {
        let wasOpen = try stored.map { try !$0.bool("closed") } ?? false
        outcome.opened += (draft.isClosed ? 0 : 1) - (wasOpen ? 1 : 0)
        guard stored != nil else {
            outcome.created += 1
            if isShown || draft.isClosed { arrived.append(draft.parsed.id) }
            return
        }
        outcome.changed += 1
        // It is there after all.
        let source = draft.parsed.offer.summary?.source ?? .unspecified
        try SourceStore.forgetMissing(draft.parsed.id, source, in: transaction)
    }

    /// Closes an offer: searches find it no more, it leaves its group, and it stays for those who
    /// saved it.
    mutating func close(_ id: String, in transaction: Transaction) throws {
        let stored = try transaction.row(
            "SELECT doc, detail FROM offer WHERE id = ? AND closed = 0",
            [.text(id)]
        )
        guard let stored else { return }
        let doc = try stored.int("doc")
        if doc > 0 { gone.append(UInt32(truncatingIfNeeded: doc)) }
        var offer = try Offer(serializedBytes: stored.blob("detail"))
        offer.summary?.closed = true
        // No content has this hash, so that the offer opens again when its source has it again.
        try transaction.execute(
            "UPDATE offer SET doc = 0, closed = 1, content_hash = 0, detail = ? WHERE id = ?",
            [.blob(try offer.serializedBytes()), .text(id)]
        )
        outcome.opened -= 1
        try promote(OfferTwins.remove(id, in: transaction), in: transaction)
    }

    /// Lets offers wait to be indexed that searches did not find since another led them.
    private mutating func promote(_ ids: [String], in transaction: Transaction) throws {
        for id in ids {
            try transaction.execute(
                "UPDATE offer SET doc = 0 WHERE id = ? AND doc = ?",
                [.text(id), .integer(OfferStore.hidden)]
            )
            hasPromoted = true
        }
    }

    /// Writes what the offers' rows do not tell: to be called once, last.
    func finish(_ source: OfferSource, in transaction: Transaction) throws {
        try OfferArrivals.add(arrived, in: transaction)
        for doc in gone {
            try transaction.execute(
                "DELETE FROM offer_document WHERE doc = ?",
                [.integer(Int64(doc))]
            )
            try SegmentStore.drop(doc, in: transaction)
        }
        try SourceStore.addOpen(outcome.opened, source, in: transaction)
    }
}
