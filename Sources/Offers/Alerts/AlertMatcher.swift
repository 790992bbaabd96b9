import Contracts
import RPC
import Storage

/// Compares each new offer with all saved searches, for as long as the process runs.
///
/// The tables are the truth. The index follows them by the searches' revisions, so that it needs no
/// word from those who save searches; a fault at any moment makes it start again from the tables.
public struct AlertMatcher {
    /// What one pass did.
    public struct Pass: Sendable, Equatable {
        /// New offers that were compared.
        public var offers = 0
        /// Searches that found something.
        public var searches = 0
        /// Pairs of a search and an offer that it found.
        public var matches = 0
        /// Time for reading offers and comparing them.
        public var comparing = Duration.zero
        /// Time for storing what was found.
        public var storing = Duration.zero

        /// Nothing done.
        public init() {}
    }

    private let store: MatchStore
    private let communes: CommuneDirectory
    private let now: @Sendable () -> Timestamp
    private var index = AlertIndex()
    /// The last change of a search that the index has.
    private var revision: Int64 = 0

    /// A matcher for the database, communes and clock of `offers`.
    public init(beside offers: OffersService) {
        store = MatchStore(database: offers.offers.database)
        communes = offers.communes
        now = offers.now
    }

    /// Compares until the task is cancelled.
    ///
    /// - Parameters:
    ///   - sleep: waits for so long, or until the task is cancelled.
    ///   - report: told of each failure; the matcher then tries again.
    public mutating func run(
        sleep: (Duration) async throws -> Void,
        report: (any Error) -> Void
    ) async {
        while !Task.isCancelled {
            do {
                if try await pass() == nil { try await sleep(AlertLimits.pollInterval) }
            } catch {
                if Task.isCancelled { return }
                report(error)
                try? await sleep(AlertLimits.retryDelay)
            }
        }
    }

    /// Compares the new offers that wait, up to `AlertLimits.arrivalsPerPassMax`.
    ///
    /// - Returns: what was done; `nil` if no offer waited.
    public mutating func pass() async throws -> Pass? {
        do {
            return try await passOnce()
        } catch {
            // What was stored of a broken pass is in the tables.
            index = AlertIndex()
            revision = 0
            throw error
        }
    }

    private mutating func passOnce() async throws -> Pass? {
        let state = try await store.state()
        guard state.arrivals > state.compared else { return nil }
        // After the state was read: a search saved since then was saved after these offers.
        try await refresh()
        let now = now()
        let clock = ContinuousClock()
        let start = clock.now
        let end = min(state.arrivals, state.compared + AlertLimits.arrivalsPerPassMax)
        var matches = AlertMatches()
        let reached =
            index.count == 0
            ? end : try await compare(after: state.compared, through: end, &matches, now)
        let compared = clock.now
        var pass = Pass()
        pass.offers = Int(reached - state.compared)
        pass.matches = matches.count
        pass.comparing = compared - start
        pass.searches = try await write(matches, through: reached, now)
        try await store.finish(through: reached, revision: revision)
        pass.storing = clock.now - compared
        return pass
    }

    /// Brings the index up to date with the table.
    private mutating func refresh() async throws {
        let table = try await communes.table()
        while true {
            try Task.checkCancellation()
            let changed = try await store.changedSearches(after: revision)
            for change in changed {
                let criteria = change.search?.criteria.flatMap { criteria in
                    // A place may have gone with a new table of communes: the search then finds
                    // nothing, as it would if it were run.
                    try? SearchQuery(criteria, communes: table, now: now())
                }
                if let criteria {
                    index.insert(
                        AlertCriteria(criteria),
                        id: change.id,
                        compared: change.compared
                    )
                } else {
                    index.remove(change.id)
                }
                revision = change.revision
            }
            if changed.count < AlertLimits.searchesPerRead { return }
        }
    }

    /// Compares the offers of a range; answers up to which it came before the matches were full.
    private mutating func compare(
        after: Int64,
        through end: Int64,
        _ matches: inout AlertMatches,
        _ now: Timestamp
    ) async throws -> Int64 {
        var reached = after
        while reached < end {
            try Task.checkCancellation()
            let arrivals = try await store.arrivals(after: reached, through: end)
            guard let last = arrivals.last else { return end }
            let analyzer = TextAnalyzer()
            let traits = arrivals.map { OfferTraits($0.offer, analyzer) }
            for offer in traits { index.count(offer) }
            // Slots change, so only while none is noted.
            if matches.isEmpty { index.arrangeIfNeeded() }
            for (arrival, offer) in zip(arrivals, traits) {
                let slots = index.match(offer, number: arrival.number, now: now)
                matches.add(arrival.offer.summary?.id ?? "", to: slots)
                if matches.isFull { return arrival.number }
            }
            reached = last.number
        }
        return end
    }

    /// Stores what was found, some searches at a time; answers how many found something.
    private mutating func write(
        _ matches: consuming AlertMatches,
        through end: Int64,
        _ now: Timestamp
    ) async throws -> Int {
        let offerIDs = matches.offerIDs
        let found = matches.bySearch()
        var rest = found[...]
        while !rest.isEmpty {
            let part = rest.prefix(AlertLimits.searchesPerWrite)
            let rows = part.map { one in
                MatchStore.Found(
                    id: index.id(one.slot),
                    compared: index.compared(one.slot),
                    count: one.count,
                    offerIDs: one.last.map { offerIDs[$0] }
                )
            }
            try await store.write(rows, through: end, at: now)
            for one in part { index.setCompared(one.slot, end) }
            rest = rest.dropFirst(part.count)
        }
        return found.count
    }
}
