import Storage

extension Queries {
    /// Looks up many keys with few statements: `sql` ends before the parenthesis of its `IN`.
    func forEachBatch(
        of keys: some Collection<String>,
        _ sql: String,
        _ body: (Row) throws -> Void
    ) throws {
        let few = 16
        let size = keys.count <= few ? few : Limits.keysPerQueryMax
        let marks = repeatElement("?", count: size).joined(separator: ", ")
        let statement = "\(sql) (\(marks))"
        var rest = keys[...]
        while let first = rest.first {
            let batch = rest.prefix(size)
            rest = rest.dropFirst(batch.count)
            // Filled up with a key that is there already, so that the statement's text is one of
            // two and compiled once.
            let filling = repeatElement(SQLValue.text(first), count: size - batch.count)
            try forEachRow(statement, batch.map { .text($0) } + filling, body)
        }
    }
}
