import Storage

/// The new offers that wait to be compared with the saved searches, in the order in which they came.
enum OfferArrivals {
    /// Numbers offers that are stored in this same transaction for the first time.
    static func add(_ offerIDs: [String], in transaction: Transaction) throws {
        guard !offerIDs.isEmpty else { return }
        var number = try AlertState.read(in: transaction).arrivals
        for id in offerIDs {
            number += 1
            try transaction.execute(
                "INSERT INTO offer_arrival (number, offer_id) VALUES (?, ?)",
                [.integer(number), .text(id)]
            )
        }
        try transaction.execute(
            "UPDATE alert_state SET arrivals = ? WHERE id = 1",
            [.integer(number)]
        )
    }
}
