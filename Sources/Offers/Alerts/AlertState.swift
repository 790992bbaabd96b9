import Storage

/// The one row of the `alert_state` table: how far things are.
struct AlertState: Sendable, Equatable {
    /// Number of the last new offer.
    var arrivals: Int64
    /// Number up to which new offers were compared with the searches.
    var compared: Int64
    /// How many searches are saved.
    var searches: Int64
    /// The last change of a search.
    var revision: Int64

    /// The state as a read or write sees it.
    static func read(in queries: some Queries) throws -> AlertState {
        let row = try queries.row(
            "SELECT arrivals, compared, searches, revision FROM alert_state WHERE id = 1"
        )
        return try row.map(AlertState.init)
            ?? AlertState(arrivals: 0, compared: 0, searches: 0, revision: 0)
    }

    /// Counts one more change of a search; answers the state with it.
    static func next(
        addingSearches added: Int64 = 0,
        in transaction: Transaction
    ) throws -> AlertState {
        try transaction.execute(
            "UPDATE alert_state SET revision = revision + 1, searches = searches + ? WHERE id = 1",
            [.integer(added)]
        )
        return try read(in: transaction)
    }

    private init(_ row: Row) throws {
        arrivals = try row.int("arrivals")
        compared = try row.int("compared")
        searches = try row.int("searches")
        revision = try row.int("revision")
    }

    private init(arrivals: Int64, compared: Int64, searches: Int64, revision: Int64) {
        self.arrivals = arrivals
        self.compared = compared
        self.searches = searches
        self.revision = revision
    }
}
