import Storage

/// Ids as the arguments of `IN (…)`.
///
/// Statements are compiled once per text and kept, so their number must be small: the list is
/// padded to a power of two by repeating its last id, which does not change what it selects.
struct IDList {
    /// One `?` for each argument.
    let marks: String
    let arguments: [SQLValue]

    /// Lists `ids`; `nil` for no ids, from which nothing could be selected.
    init?(_ ids: some Sequence<String>) {
        var arguments = ids.map(SQLValue.text)
        guard let last = arguments.last else { return nil }
        var count = 1
        while count < arguments.count { count *= 2 }
        arguments += Array(repeating: last, count: count - arguments.count)
        self.arguments = arguments
        marks = Array(repeating: "?", count: count).joined(separator: ", ")
    }
}
