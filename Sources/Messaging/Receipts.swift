import Contracts
import Storage

/// When the positions of either side reached the messages of a page.
///
/// For each side and kind the first receipt at or behind a message tells. Positions have no gaps: in
/// a page of n messages fewer than n receipts lie in front of the newest one, and the next receipt
/// tells of that. So n rows of each side and kind are enough, however long the history is.
enum Receipts {
    private struct Receipt {
        let through: UInt64
        let timeMs: Int64
    }

    /// Fills in `deliveredMs` and `readMs` of a page of one conversation, newest first.
    static func note(
        in messages: inout [Message],
        of youngPersonID: String,
        _ queries: some Queries
    ) throws {
        guard let oldest = messages.last?.sequence else { return }
        // By side and kind, each from its lowest position up.
        var receipts = Array(repeating: [Receipt](), count: 4)
        let one: [SQLValue] = [
            .text(youngPersonID), SQLValue(oldest), SQLValue(messages.count),
        ]
        try queries.forEachRow(select, one + one + one + one) { row in
            let list = Int(try row.int("list"))
            receipts[list].append(
                Receipt(through: try row.uint("through"), timeMs: try row.int("time_ms"))
            )
        }
        guard receipts.contains(where: { !$0.isEmpty }) else { return }
        var places = [0, 0, 0, 0]
        for index in messages.indices.reversed() {
            let first = messages[index].sender == .youngPersonSide ? 2 : 0
            for list in [first, first + 1] {
                let sequence = messages[index].sequence
                while places[list] < receipts[list].count,
                    receipts[list][places[list]].through < sequence
                { places[list] += 1 }
                guard places[list] < receipts[list].count else { continue }
                let timeMs = receipts[list][places[list]].timeMs
                if list == first {
                    messages[index].deliveredMs = timeMs
                } else {
                    messages[index].readMs = timeMs
                }
            }
        }
    }

    /// The receipts of both sides and kinds, each list by rising position.
    private static let select =
        (0..<4).map { list in
            """
            SELECT * FROM (
                SELECT \(list) AS list, through, time_ms FROM receipt
                WHERE young_person_id = ? AND side = \(list / 2 + 1) AND kind = \(list % 2 + 1)
                    AND through >= ?
                ORDER BY through LIMIT ?) AS list_\(list)
            """
        }.joined(separator: " UNION ALL ")
}
